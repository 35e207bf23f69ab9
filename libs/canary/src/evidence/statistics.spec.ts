import { describe, expect, it } from '@jest/globals';
import type { CanaryMetric } from '@holdfast/contracts';
import { Bets, Comparison, thresholds } from '../index.js';
import { seeded } from './simulated.fixture.js';

/**
 * The guarantees, checked by simulation against the theory. Every trial follows from its seed, so a specification that holds once
 * holds always; and the bounds are those of the theory, not of what was seen.
 */
const TRIALS = 10_000;
const ALPHA = 0.05;
const failures = (margin = 0.1): CanaryMetric => ({ metric: 'failures', margin });
const FOUR: readonly CanaryMetric[] = [failures(), { metric: 'denials', margin: 0.1 }, { metric: 'in-doubt', margin: 0.1 }, { metric: 'cost', limitMicros: 1_000, margin: 0.1 }];

type Chances = readonly number[];

/** The pair at which any metric's evidence of harm, or every metric's of none, reaches its threshold; watched after every pair. */
function watch(metrics: readonly CanaryMetric[], what: 'harm' | 'noHarm', candidate: Chances, incumbent: Chances, pairs: number, seed: number, share = 0.5, lossOf = (chance: number, random: () => number): number => (random() < chance ? 1 : 0)): number | undefined {
  const random = seeded(seed);
  const comparison = new Comparison(metrics);
  const threshold = thresholds(metrics.length, ALPHA)[what];
  for (let pair = 1, turn = false; pair <= pairs;) {
    const arm = (share === 0.5 ? (turn = !turn) : random() < share) ? 'candidate' : 'incumbent';
    if (!comparison.add(arm, (arm === 'candidate' ? candidate : incumbent).map((chance) => lossOf(chance, random)))) continue;
    const evidence = comparison.point.metrics.map((metric) => metric[what]);
    if (what === 'harm' ? evidence.some((one) => one >= threshold) : evidence.every((one) => one >= threshold)) return pair;
    pair += 1;
  }
  return undefined;
}

const times = (trials: number, run: (seed: number) => number | undefined): readonly (number | undefined)[] => Array.from({ length: trials }, (_, seed) => run(seed + 1));
const reached = (found: readonly (number | undefined)[]): number => found.filter((pair) => pair !== undefined).length / found.length;
const median = (found: readonly (number | undefined)[]): number => [...found].map((pair) => pair ?? Infinity).sort((left, right) => left - right)[found.length >> 1] ?? Infinity;

/** The pair at which bets on pairs of one metric reach the threshold of 1/α: what {@link watch} does, without the rest of a comparison, ten thousand times. */
function bet(bound: number, sign: 1 | -1, [candidate, incumbent]: readonly [number, number], pairs: number, seed: number): number | undefined {
  const random = seeded(seed);
  const bets = new Bets(bound);
  const threshold = thresholds(1, ALPHA).harm;
  for (let pair = 1; pair <= pairs; pair += 1) {
    bets.add(sign * ((random() < candidate ? 1 : 0) - (random() < incumbent ? 1 : 0)));
    if (bets.evidence >= threshold) return pair;
  }
  return undefined;
}

describe('evidence, watched after every pair', () => {
  it('rolls back a version that fails as often as the incumbent in at most α of 10,000 trials', () => {
    const found = reached(times(TRIALS, (seed) => bet(0, 1, [0.05, 0.05], 200, seed)));
    expect(found).toBeLessThanOrEqual(ALPHA);
    // The bound is not met by never saying anything.
    expect(found).toBeGreaterThan(ALPHA / 10);
  });

  it('does so where evidence is easiest to come by, at failures of one half', () => {
    expect(reached(times(TRIALS / 4, (seed) => bet(0, 1, [0.5, 0.5], 250, seed)))).toBeLessThanOrEqual(ALPHA);
  });

  it('promotes a version that is worse by the margin in at most α of 5,000 trials', () => {
    expect(reached(times(TRIALS / 2, (seed) => bet(-0.1, -1, [0.15, 0.05], 200, seed)))).toBeLessThanOrEqual(ALPHA);
  });

  it('rolls back at most α for any of four metrics together', () => {
    const chances = [0.05, 0.2, 0.5, 0.3];
    expect(reached(times(500, (seed) => watch(FOUR, 'harm', chances, chances, 150, seed)))).toBeLessThanOrEqual(ALPHA);
  });

  it('does so where the candidate gets a fifth of the tasks, and where losses are no yes and no', () => {
    expect(reached(times(500, (seed) => watch([failures()], 'harm', [0.1], [0.1], 150, seed, 0.2)))).toBeLessThanOrEqual(ALPHA);
    expect(reached(times(500, (seed) => watch([failures()], 'harm', [0.3], [0.3], 150, seed, 0.5, (chance, random) => random() ** (1 / chance))))).toBeLessThanOrEqual(ALPHA);
  });

  it('promotes one that is worse by the margin in one metric of two in at most α', () => {
    expect(reached(times(500, (seed) => watch([failures(0.1), { metric: 'denials', margin: 0.1 }], 'noHarm', [0.02, 0.3], [0.02, 0.2], 150, seed)))).toBeLessThanOrEqual(ALPHA);
  });

  it('finds a rise of failures from 5 to 20 in a hundred within 100 pairs, in the median', () => {
    expect(median(times(2_000, (seed) => bet(0, 1, [0.2, 0.05], 1_000, seed)))).toBeLessThanOrEqual(100);
  });

  it('finds a version that is as good to be so within 200 pairs, in the median', () => {
    expect(median(times(500, (seed) => watch([failures(0.1)], 'noHarm', [0.05], [0.05], 1_000, seed)))).toBeLessThanOrEqual(200);
  });
});

describe('bets', () => {
  it('have an expectation of at most 1 for every mean on the claim\'s edge, exactly', () => {
    // All sequences of six differences from {-1, 0, 1} whose chances have the mean `bound`.
    for (const bound of [-0.1, 0, 0.25]) {
      const up = 0.3;
      const chances = new Map([[1, up], [0, 1 - up - (up - bound)], [-1, up - bound]]);
      const expected = (given: readonly number[]): number => {
        if (given.length < 6) return [...chances].reduce((sum, [difference, chance]) => sum + chance * expected([...given, difference]), 0);
        const bets = new Bets(bound);
        for (const difference of given) bets.add(difference);
        return Math.exp(bets.evidence);
      };
      expect(expected([])).toBeCloseTo(1, 9);
    }
  });

  it('do not depend on the order, and refuse what is out of bounds', () => {
    const [one, other] = [new Bets(0), new Bets(0)];
    const differences = [1, 0, -1, 0.5, 1, -0.25];
    for (const difference of differences) one.add(difference);
    for (const difference of differences.toReversed()) other.add(difference);
    expect(one.evidence).toBeCloseTo(other.evidence, 12);
    expect(() => one.add(1.5)).toThrow(RangeError);
    expect(() => one.add(Number.NaN)).toThrow(RangeError);
  });
});
