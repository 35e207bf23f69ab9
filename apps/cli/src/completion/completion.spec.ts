import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holdfastAt } from '../commands/scripted-gateway.fixture.js';

const noGateway = (): Error => new Error('nothing is asked');
const told = async (shell: string, words: readonly string[]): Promise<readonly string[]> => (await holdfastAt(noGateway, ['completion', shell, '--', ...words])).out.split('\n').slice(0, -1);

describe('what may come next', () => {
  it.each<[string[], string[]]>([
    [['app'], ['approvals', 'approve']],
    [['approvals', 'r'], ['reject']],
    [['bulk', ''], ['cancel', 'abort', 'pause', 'resume', 'signal', 'retry']],
    [['bulk', 'cancel', '--status', 'p'], ['paused']],
    [['bulk', 'cancel', '--status=p'], ['--status=paused']],
    [['bulk', 'cancel', '--status', '=', 'p'], ['paused']],
    [['bulk', 'cancel', '--status', '='], ['running', 'waiting', 'paused', 'stopping', 'failed', 'cancelled']],
    [['bulk', '--agent', 'cancel', 'p'], ['pause']],
    [['bulk', 'cancel', '--dry'], ['--dry-run']],
    [['bulk', 'cancel', '--dry-run', '--y'], ['--yes']],
    [['why', 'r1', 'c1', '--as', ''], ['text', 'json', 'graph']],
    [['memory', 'add', 'a.md', '--secrecy', ''], ['public', 'internal', 'secret']],
    [['budgets', ''], ['--json', '--help']],
    [['run', 'a.b', 'Go.', '--scope', 'pay', 'look_up', '--sc'], ['--scope']],
    [['completion', 'z'], ['zsh']],
  ])('after %j is %j', async (words, expected) => {
    expect(await told('bash', words)).toEqual(expected);
  });

  it.each<[string[]]>([[['init', '']], [['ls', '--agent', '']], [['show', 'r']], [['nothing', 'of', 'ours', 'x']], [['run', 'a.b', 'Go.', '--scope', 'pay', 'lo']], [['bulk', '--', '--st']]])('is anything after %j', async (words) => {
    expect(await told('bash', words)).toEqual([]);
  });

  it('offers every command, also when nothing is typed', async () => {
    expect(await told('bash', [''])).toEqual(expect.arrayContaining(['init', 'up', 'ls', 'bulk', 'verify', 'completion']));
  });

  it('tells what a word is about where the shell shows it', async () => {
    expect(await told('zsh', ['verif'])).toEqual([expect.stringMatching(/^verify:Checks the log of a run, or of all runs\\: hashes/)]);
    expect(await told('fish', ['bul'])).toEqual([expect.stringMatching(/^bulk\tCancels, aborts, pauses, resumes, signals or retries all runs/)]);
  });

  it('knows no other shell', async () => {
    expect(await holdfastAt(noGateway, ['completion', 'csh'])).toMatchObject({ code: 2, err: expect.stringContaining('bash, zsh, fish') });
  });
});

describe('a real bash', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'holdfast-completion-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What bash makes of a command line: first which words it asks the program for, and then what it offers of the answer. */
  async function offered(words: readonly string[]): Promise<readonly string[]> {
    const script = (await holdfastAt(noGateway, ['completion', 'bash'])).out;
    const at = (name: string): string => join(folder, name);
    const complete = (program: string): string => execFileSync('bash', ['--norc', '-c', `holdfast() { ${program}; }\n${script}
      COMP_WORDS=(holdfast "$@"); COMP_CWORD=$#; eval "$(complete -p holdfast | sed 's/.*-F \\([^ ]*\\) .*/\\1/')"; printf '%s\\n' "\${COMPREPLY[@]}"`, 'bash', ...words], { encoding: 'utf8' });
    complete(`printf '%s\\0' "$@" > '${at('asked')}'`);
    writeFileSync(at('answer'), (await holdfastAt(noGateway, readFileSync(at('asked'), 'utf8').split('\0').slice(0, -1))).out);
    return complete(`cat '${at('answer')}'`).split('\n').filter((line) => line !== '');
  }

  it.each<[string[], string[]]>([
    [['bul'], ['bulk']],
    [['bulk', ''], ['cancel', 'abort', 'pause', 'resume', 'signal', 'retry']],
    [['run', 'a.b', 'Pay two things; $(all) of it.', '--f'], ['--follow']],
    [['show', ''], []],
  ])('offers after %j %j', async (words, expected) => {
    expect(await offered(words)).toEqual(expected);
  });
});
