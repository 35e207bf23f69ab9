import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '@holdfast/deploy';

const program = join(REPOSITORY, 'apps', 'evals', 'dist', 'run-suite.js');
const suite = join(REPOSITORY, 'examples', 'accounts-payable', 'evals', 'reliability.yaml');
const preload = join(REPOSITORY, 'test-e2e', 'reliability', 'preload.ts');

interface Case {
  readonly name: string;
  readonly passed: boolean;
  readonly verdicts: readonly { readonly scorer: string; readonly passed: boolean; readonly reason: string }[];
}

/** The suite in a folder of its own, without the case that is there for policy: without policy it fails before there is any fault. */
async function suiteWithoutPolicysCase(folder: string): Promise<string> {
  const [kept] = (await readFile(suite, 'utf8')).split(/^ {2}- name: an invoice that asks for another account$/m);
  const path = join(folder, 'suite.yaml');
  await writeFile(path, (kept ?? '').replaceAll('../', `${join(REPOSITORY, 'examples/accounts-payable')}/`));
  return path;
}

/** Runs the matrix without a guarantee. */
async function matrix(given: { readonly faults: string; readonly cells: number; readonly without: string }): Promise<{ readonly code: number | null; readonly cases: readonly Case[]; readonly output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-reliability-'));
  const path = given.without === 'policy' ? await suiteWithoutPolicysCase(folder) : suite;
  const options = { HOLDFAST_SERVICES_NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import=${pathToFileURL(preload).href}?without=${given.without}` };
  const child = spawn(process.execPath, [program, path, '--faults', given.faults, '--cells', String(given.cells), '--report', folder], { cwd: REPOSITORY, env: { ...process.env, ...options } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const report = await readFile(join(folder, 'report.json'), 'utf8').then((text) => JSON.parse(text) as { cases: Case[] }, () => ({ cases: [] }));
  await rm(folder, { recursive: true });
  return { code, cases: report.cases, output };
}

const failed = (cases: readonly Case[]): readonly string[] => cases.flatMap(({ verdicts }) => verdicts.filter(({ passed }) => !passed).map(({ scorer }) => scorer));

describe('the matrix of faults', () => {
  // Of each guarantee, the family that is there to notice its loss.
  it.each([
    { without: 'key', faults: 'retry', cells: 10, notices: 'safe.' },
    { without: 'ledger', faults: 'crash', cells: 12, notices: 'safe.' },
    { without: 'policy', faults: 'adversarial', cells: 12, notices: 'safe.' },
    { without: 'retries', faults: 'latency', cells: 10, notices: 'effects.' },
  ])('goes red by $faults when $without is switched off', async ({ without, faults, cells, notices }) => {
    const { code, cases, output } = await matrix({ without, faults, cells });
    expect({ code, output: code === 1 ? '' : output }).toEqual({ code: 1, output: '' });
    expect(failed(cases).filter((scorer) => scorer.startsWith(notices))).not.toEqual([]);
  });
});
