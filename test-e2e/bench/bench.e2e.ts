import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from '@holdfast/deploy';

interface Result {
  readonly failed: readonly string[];
  readonly benchmarks: Readonly<Record<string, { readonly error?: string; readonly figures: Readonly<Record<string, { readonly value: number; readonly floor?: number }>> }>>;
}

/** Runs the benchmarks with tiny sizes, as `npm run bench` does, and reads the last line. */
function bench(...args: readonly string[]): Promise<{ readonly code: number | null; readonly lines: readonly string[]; readonly errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(REPOSITORY, 'test-e2e', 'bench', 'main.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, lines: Buffer.concat(output).toString('utf8').trim().split('\n'), errors: Buffer.concat(errors).toString('utf8') }));
  });
}

describe('the benchmarks', () => {
  it('measure every figure on real processes and end by themselves with one JSON object', async () => {
    const { code, lines, errors } = await bench('--only', 'step-latency,rebuild,parts,policy,ledger', '--scale', '0.02', '--concurrency', '4', '--seconds', '0.5', '--json');
    const { failed, benchmarks } = JSON.parse(lines.at(-1) ?? '') as Result;

    expect({ code, failed: failed.map((name) => [name, benchmarks[name]?.error]), lines: lines.length }).toEqual({ code: 0, failed: [], lines: 1 });
    const figures = Object.entries(benchmarks).flatMap(([name, result]) => Object.entries(result.figures).map(([id, { value, floor = 1 }]) => ({ id: `${name}.${id}`, measured: Number.isFinite(value) && value > 0 && Number.isFinite(floor) && floor > 0 })));
    // What the ledger adds to a read is measured as nothing at all.
    expect(figures.filter(({ measured }) => !measured).map(({ id }) => id)).toEqual(['ledger.writes_per_read', 'ledger.requests_per_read']);
    expect(figures.map(({ id }) => id)).toEqual(expect.arrayContaining(['step-latency.step_ms_p50', 'rebuild.rebuild_ms_p50', 'parts.append_ms', 'policy.fresh_p50_ms', 'ledger.overhead_mutating_ms']));
    expect(errors).toContain('starting broker and services');
  });
});
