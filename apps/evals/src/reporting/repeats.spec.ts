import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CaseResult } from './report.js';
import { repeatsOf } from './repeats.js';

function executions(outcomes: Readonly<Record<string, readonly boolean[]>>): readonly CaseResult[] {
  return Object.entries(outcomes).flatMap(([name, passes]) => passes.map((passed, index) => ({ name, repeat: index + 1, passed, durationMs: 1, commits: 1, verdicts: [], kills: [], effects: {} })));
}

describe('pass@k and pass^k', () => {
  it('are the shares of draws of k executions of which one passed, or all did', () => {
    const [one, two, three] = repeatsOf(executions({ a: [true, true, false], b: [true, true, true] }));
    expect([one?.passAt.estimate, one?.passAll.estimate]).toEqual([expect.closeTo(5 / 6, 12), expect.closeTo(5 / 6, 12)]);
    // Of the three pairs of a, all have a pass and one has two.
    expect(two?.passAt.estimate).toBeCloseTo(1, 12);
    expect(two?.passAll.estimate).toBeCloseTo((1 / 3 + 1) / 2, 12);
    expect(three?.passAll.estimate).toBeCloseTo(1 / 2, 12);
  });

  it('equal what counting every draw gives', () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }), (passes) => {
      for (const { k, passAt, passAll } of repeatsOf(executions({ a: passes }))) {
        const draws = subsets(passes, k);
        expect(passAt.estimate).toBeCloseTo(draws.filter((draw) => draw.includes(true)).length / draws.length, 10);
        expect(passAll.estimate).toBeCloseTo(draws.filter((draw) => !draw.includes(false)).length / draws.length, 10);
      }
    }));
  });

  it('have an interval that holds the estimate and is no certainty, however few or many pass', () => {
    const [all] = repeatsOf(executions({ a: [true], b: [true], c: [true], d: [true] }));
    expect(all?.passAll).toMatchObject({ estimate: 1, high: 1 });
    // Wilson's lower bound for four of four.
    expect(all?.passAll.low).toBeCloseTo(0.5101, 4);
    fc.assert(fc.property(fc.array(fc.array(fc.boolean(), { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 20 }), (cases) => {
      for (const { passAt, passAll } of repeatsOf(executions(Object.fromEntries(cases.entries())))) {
        for (const { estimate, low, high } of [passAt, passAll]) expect(low >= 0 && low <= estimate + 1e-12 && estimate <= high + 1e-12 && high <= 1 && high > low).toBe(true);
        expect(passAll.estimate).toBeLessThanOrEqual(passAt.estimate + 1e-12);
      }
    }));
  });

  it('are told for as many tries as the case that ran least often has, and for nothing when nothing ran', () => {
    expect(repeatsOf(executions({ a: [true, true, true], b: [false] })).map(({ k }) => k)).toEqual([1]);
    expect(repeatsOf(executions({ a: Array.from({ length: 20 }, () => true) })).map(({ k }) => k)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 16, 20]);
    expect(repeatsOf([])).toEqual([]);
  });
});

function subsets<T>(values: readonly T[], k: number): readonly (readonly T[])[] {
  if (k === 0) return [[]];
  return values.flatMap((value, index) => subsets(values.slice(index + 1), k - 1).map((rest) => [value, ...rest]));
}
