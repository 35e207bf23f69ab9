import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';

const program = join(REPOSITORY, 'apps', 'evals', 'dist', 'run-suite.js');
const recovery = join(REPOSITORY, 'examples', 'accounts-payable', 'evals', 'recovery.yaml');

/** Runs the command; it is interrupted as by Ctrl-C once it has said `interruptAt`. */
function evaluate(args: readonly string[], interruptAt?: string): Promise<{ code: number; output: string; summary: Record<string, unknown> }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { cwd: REPOSITORY, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr, summary: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {} });
    });
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said += text;
      if (interruptAt === undefined || !said.includes(interruptAt)) return;
      interruptAt = undefined;
      child.kill('SIGINT');
    });
  });
}

describe('an evaluation', () => {
  it('runs the example\'s recovery suite with its kills and time-outs, writes its reports and ends with 0', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-report-'));
    const { code, output, summary } = await evaluate([recovery, '--report', folder]);
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(summary).toMatchObject({ passed: true, cases: 9, failed: 0, kills: 4 });
    expect(await readFile(join(folder, 'junit.xml'), 'utf8')).toContain('<testsuite');
    await rm(folder, { recursive: true });
  });

  it('is broken off after a case, goes on with the others, and ends with 1 and says why when an expectation is not met', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-suite-'));
    const suite = (await readFile(recovery, 'utf8')).replaceAll('../', `${join(REPOSITORY, 'examples/accounts-payable')}/`);
    const [head, cases] = suite.split(/^cases:\n/m);
    const first = (cases ?? '').split(/^ {2}- /m)[1] ?? '';
    const wrong = first.replace('a clean payment', 'a wrong count').replace(/&(?=\S)/g, '&other-').replace('payments: 1', 'payments: 2');
    await writeFile(join(folder, 'wrong.yaml'), `${head ?? ''}cases:\n  - ${first}  - ${wrong}`);
    const brokenOff = await evaluate([join(folder, 'wrong.yaml'), '--report', folder], 'passed  a clean payment');
    expect(brokenOff.code).toBe(130);

    const { code, output, summary } = await evaluate([join(folder, 'wrong.yaml'), '--report', folder, '--resume']);
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as { cases: { name: string; passed: boolean }[] };
    const left = await readdir(folder);
    await rm(folder, { recursive: true });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('payments is 1 where 2 was expected') });
    expect(output).toContain('1 of them done before');
    expect(summary).toMatchObject({ cases: 2, failed: 1 });
    expect(report.cases.map(({ name, passed }) => [name, passed])).toEqual([['a clean payment', true], ['a wrong count', false]]);
    expect(left).not.toContain('progress.jsonl');
  });

  it('ends with 2 and names the field of a suite that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-suite-'));
    await writeFile(join(folder, 'bad.yaml'), 'name: bad\ncases: 7\n');
    const { code, output } = await evaluate([join(folder, 'bad.yaml')]);
    await rm(folder, { recursive: true });
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('cases') });
  });
});
