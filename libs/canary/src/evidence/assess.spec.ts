import { describe, expect, it } from '@jest/globals';
import { canaryDeclaration, type CanaryDeclaration } from '@holdfast/contracts';
import { ORDER_GRACE_MS, assess, type Arm, type TriedRun } from '../index.js';

const declared = (more: object = {}): CanaryDeclaration => canaryDeclaration.parse({ id: 'c', agent: 'payer', candidate: 'b'.repeat(64), percent: 50, metrics: [{ metric: 'failures', margin: 0.2 }], minimumPairs: 1, judgedAfterSeconds: 60, ...more });
const LATER = 10_000_000;
const run = (at: number, arm: Arm, completed: boolean, more: Partial<TriedRun> = {}): TriedRun => ({
  id: `acme/r${String(at).padStart(6, '0')}`, arm, unit: `acme/run/r${at}`, commits: 3, startedAt: at * 1_000, endedAt: at * 1_000 + 500, completed, answered: completed, costMicros: 0, denied: false, inDoubt: false, overridden: false, calls: { succeeded: 0, failed: 0 }, ...more,
});
const turns = (pairs: number, candidate: (at: number) => boolean, incumbent: (at: number) => boolean = () => true): readonly TriedRun[] => Array.from({ length: 2 * pairs }, (_, at) => (at % 2 === 0 ? run(at, 'candidate', candidate(at / 2)) : run(at, 'incumbent', incumbent((at - 1) / 2))));

describe('a canary', () => {
  it('is rolled back by failures, promoted without them, and otherwise ends inconclusive', () => {
    expect(assess(declared(), turns(50, (at) => at % 2 === 0), LATER).verdict).toMatchObject({ verdict: 'roll-back', evidence: { metrics: [{ metric: 'failures' }] } });
    expect(assess(declared(), turns(100, () => true), LATER).verdict).toMatchObject({ verdict: 'promote' });
    expect(assess(declared({ maximumPairs: 4 }), turns(10, () => true), LATER).verdict).toMatchObject({ verdict: 'inconclusive', evidence: { pairs: 4 } });
    expect(assess(declared(), turns(3, () => true), LATER)).toMatchObject({ points: [{ pairs: 1 }, { pairs: 2 }, { pairs: 3 }] });
    expect(assess(declared(), turns(3, () => true), LATER).verdict).toBeUndefined();
  });

  it('is not judged before the least number of pairs, and by the first pair at which the evidence reached its threshold then', () => {
    const runs = turns(60, () => false);
    const { verdict } = assess(declared(), runs, LATER);
    expect(verdict?.evidence.pairs).toBeLessThan(10);
    expect(assess(declared({ minimumPairs: 30 }), runs, LATER).verdict).toMatchObject({ verdict: 'roll-back', evidence: { pairs: 30 } });
  });

  it('finds the same whatever order the runs are given in, and says the same beginning however far it has come', () => {
    const runs = turns(200, (at) => at % 5 !== 0);
    const whole = assess(declared({ maximumPairs: 5_000, alpha: 0.001 }), runs, LATER);
    expect(assess(declared({ maximumPairs: 5_000, alpha: 0.001 }), runs.toReversed(), LATER)).toEqual(whole);
    const part = assess(declared({ maximumPairs: 5_000, alpha: 0.001 }), runs, 61_000);
    expect(whole.points.slice(0, part.points.length)).toEqual(part.points);
    expect(part.points.length).toBeGreaterThan(10);
  });

  it('waits for a run that began earlier and has not ended, until that counts as failed and late', () => {
    const { endedAt: _, ...slow } = run(0, 'candidate', false);
    const runs = [slow, run(1, 'incumbent', true), run(2, 'candidate', true), run(3, 'incumbent', true)];
    expect(assess(declared(), runs, 59_000)).toEqual({ points: [], waitsUntil: 60_000 });
    expect(assess(declared(), runs, 60_001).points.map(({ metrics: [failures] }) => failures?.candidate)).toEqual([1, 0.5]);
  });

  it('waits a moment for runs of other partitions that began before', () => {
    expect(assess(declared(), turns(1, () => true), 1_000 + ORDER_GRACE_MS - 1)).toEqual({ points: [], waitsUntil: 1_000 + ORDER_GRACE_MS });
    expect(assess(declared(), turns(1, () => true), 1_000 + ORDER_GRACE_MS).points).toHaveLength(1);
  });

  it('counts the first run of each thread alone, since the others are no draws of their own', () => {
    const runs = turns(30, () => false).map((one) => (one.arm === 'candidate' ? { ...one, unit: 'acme/thread/t' } : one));
    expect(assess(declared(), runs, LATER).points).toHaveLength(1);
  });

  it('makes a curve of some two hundred points at most', () => {
    const { points } = assess(declared({ maximumPairs: 5_000, metrics: [{ metric: 'failures', margin: 0.001 }] }), turns(5_000, (at) => at % 10 !== 0, (at) => at % 10 !== 1), LATER);
    expect(points.length).toBeLessThan(200);
    expect(points.at(-1)?.pairs).toBe(5_000);
  });
});
