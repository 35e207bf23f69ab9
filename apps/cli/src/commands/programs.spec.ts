import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { fileOf } from '../local/programs.js';
import { run } from '../program.js';

async function holdfast(args: readonly string[], code: number) {
  const started: unknown[] = [];
  const means = { gateway: () => { throw new Error('nothing is asked'); }, terminal: { out: () => undefined, write: () => undefined }, runProgram: async (...given: readonly unknown[]) => { started.push(given); return code; } };
  return { code: await run(args, means, () => undefined), started };
}

describe('programs of the checkout', () => {
  it.each([
    ['doctor', ['--json'], 1],
    ['eval', ['suite.yaml', '--report', 'out', '--faults', 'all', '--resume'], 2],
    ['bench', ['--only', 'appends', '--json'], 0],
    ['bench', ['--', '--list', 'x'], 130],
  ] as const)('%s is started with %j, and ends as it does: %d', async (name, args, code) => {
    expect(await holdfast([name, ...args], code)).toEqual({ code, started: [[name, args.filter((arg) => arg !== '--')]] });
  });

  it('are told of where they are not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-programs-'));
    expect(() => fileOf('bench', folder)).toThrow(expect.objectContaining({ code: 'cli.program-missing', remedy: expect.stringContaining('checkout') }));
    expect(() => fileOf('eval', folder)).toThrow(expect.objectContaining({ code: 'cli.program-missing', remedy: expect.stringContaining('npm run build') }));
    mkdirSync(join(folder, 'test-e2e/bench'), { recursive: true });
    writeFileSync(join(folder, 'test-e2e/bench/main.ts'), '');
    expect(() => fileOf('bench', folder)).toThrow(expect.objectContaining({ code: 'cli.program-missing', remedy: expect.stringContaining('npm run build') }));
    mkdirSync(join(folder, 'examples/accounts-payable/dist'), { recursive: true });
    writeFileSync(join(folder, 'examples/accounts-payable/dist/index.js'), '');
    expect(fileOf('bench', folder)).toBe(join(folder, 'test-e2e/bench/main.ts'));
    rmSync(folder, { recursive: true });
  });
});
