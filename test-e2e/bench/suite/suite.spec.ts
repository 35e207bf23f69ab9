import { describe, expect, it } from '@jest/globals';
import type { Benchmark } from './benchmark.ts';
import { judge } from './figure.ts';
import { readOptions } from './options.ts';
import { jsonOf, tableOf } from './report.ts';
import { runBenchmark } from './run-suite.ts';
import { percentile } from './statistics.ts';

const figure = { id: 'step_ms', title: 'a step', value: 3, unit: 'ms' };
const options = readOptions([], []);
const never = new AbortController().signal;
const silent = (): void => undefined;

describe('a figure', () => {
  it('is judged by its ratio, its difference to the floor or itself', () => {
    const judged = (of: 'ratio' | 'difference' | 'value', atMost: number) => judge({ ...figure, floor: 2, target: { of, atMost } }).met;
    expect([judged('ratio', 1.5), judged('ratio', 1.4), judged('difference', 1), judged('difference', 0.9), judged('value', 3), judged('value', 2.9)]).toEqual([true, false, true, false, true, false]);
  });

  it('has met nothing when it, or the floor that it is judged by, could not be measured', () => {
    expect(judge({ ...figure, value: Number.NaN, target: { of: 'value', atMost: 5 } }).met).toBe(false);
    expect(judge({ ...figure, target: { of: 'ratio', atMost: 5 } }).met).toBe(false);
  });

  it('has no verdict without a target', () => {
    expect(judge({ ...figure, floor: 2 })).toEqual({ ...figure, floor: 2, ratio: 1.5, difference: 1 });
  });
});

describe('the report', () => {
  const results = [{ name: 'step-latency', seconds: 1, figures: [judge({ ...figure, floor: 1, target: { of: 'ratio', atMost: 2 } })] }, { name: 'disk', seconds: 1, figures: [], error: 'the broker was away' }];

  it('lists missed targets and failed benchmarks', () => {
    expect(jsonOf(results, 2)).toMatchObject({ targets: { met: 0, missed: ['step-latency.step_ms'] }, failed: ['disk'], benchmarks: { 'step-latency': { figures: { step_ms: { value: 3, floor: 1, ratio: 3, met: false } } } } });
  });

  it('shows both to people', () => {
    const [latency, disk] = results.map(tableOf);
    expect(latency).toMatch(/a step +3 ms +1 ms +3 +ratio at most 2 +NOT MET/);
    expect(disk).toContain('FAILED, the broker was away');
  });
});

describe('the command line', () => {
  it('takes names, sizes and the dashes that npm leaves', () => {
    expect(readOptions(['--', '--only', 'disk,growth', '--steps', '10', '--concurrency', '64', '--seconds', '20'], ['disk', 'growth'])).toMatchObject({ only: ['disk', 'growth'], steps: 10, concurrency: 64, seconds: 20, json: false });
  });

  it('refuses what it does not know, and says what there is', () => {
    expect(() => readOptions(['--only', 'speed'], ['disk'])).toThrow('there is no benchmark "speed"; there are disk');
    expect(() => readOptions(['--steps', 'many'], [])).toThrow('--steps is "many"');
    expect(() => readOptions(['--fast'], [])).toThrow('--fast');
  });
});

describe('running a benchmark', () => {
  const benchmark = (run: Benchmark['run'], limitSeconds = 5): Benchmark => ({ name: 'one', about: '', limitSeconds, run });

  it('undoes in reverse order what was done, also after a failure', async () => {
    const undone: string[] = [];
    const failing = benchmark(async ({ defer }) => {
      for (const name of ['broker', 'service']) defer(async () => void undone.push(name));
      throw new Error('no disk');
    });
    expect(await runBenchmark(failing, options, silent, never)).toMatchObject({ error: 'no disk', figures: [] });
    expect(undone).toEqual(['service', 'broker']);
  });

  it('is given up when its time is over', async () => {
    const endless = benchmark(() => new Promise(() => undefined), 0.02);
    expect(await runBenchmark(endless, options, silent, never)).toMatchObject({ error: 'not finished within 0.02 seconds' });
  });
});

describe('a percentile', () => {
  it('is one of the values, by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.99), percentile([], 0.5)]).toEqual([50, 99, 7, Number.NaN]);
  });
});
