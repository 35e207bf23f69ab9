import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';

const program = join(REPOSITORY, 'apps', 'evals', 'dist', 'run-suite.js');
const recovery = join(REPOSITORY, 'examples', 'accounts-payable', 'evals', 'recovery.yaml');

function evaluate(...args: readonly string[]): Promise<{ code: number; output: string; summary: Record<string, unknown> }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: REPOSITORY, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const last = stdout.trimEnd().split('\n').at(-1) ?? '';
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr, summary: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : {} });
    });
  });
}

describe('an evaluation', () => {
  it('runs the example\'s recovery suite with its kills and time-outs, writes its reports and ends with 0', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-report-'));
    const { code, output, summary } = await evaluate(recovery, '--report', folder);
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(summary).toMatchObject({ passed: true, cases: 9, failed: 0, kills: 4 });
    expect(await readFile(join(folder, 'junit.xml'), 'utf8')).toContain('<testsuite');
    await rm(folder, { recursive: true });
  });

  it('ends with 1 and says why when an expectation is not met', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-suite-'));
    const suite = (await readFile(recovery, 'utf8')).replaceAll('../', `${join(REPOSITORY, 'examples/accounts-payable')}/`);
    const [head, cases] = suite.split(/^cases:\n/m);
    const first = (cases ?? '').split(/^ {2}- /m)[1] ?? '';
    await writeFile(join(folder, 'wrong.yaml'), `${head ?? ''}cases:\n  - ${first.replace('payments: 1', 'payments: 2')}`);
    const { code, output } = await evaluate(join(folder, 'wrong.yaml'));
    await rm(folder, { recursive: true });
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('payments') });
  });

  it('ends with 2 and names the field of a suite that cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-suite-'));
    await writeFile(join(folder, 'bad.yaml'), 'name: bad\ncases: 7\n');
    const { code, output } = await evaluate(join(folder, 'bad.yaml'));
    await rm(folder, { recursive: true });
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('cases') });
  });
});
