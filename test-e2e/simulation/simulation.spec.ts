import { describe, expect, it } from '@jest/globals';
import { judge } from './command/judge.ts';
import { scheduleOf } from './schedule/arbitrary.ts';
import { simulate } from './simulate.ts';
import type { Weakness } from './weaknesses.ts';

/** Always the same ones, so that nobody's unrelated change fails by chance; `npm run sim` takes fresh ones. */
const FIRST_SEED = 20_261_125;
const SEEDS = 100;
/** Within so many seeds each broken guarantee is noticed; most are within a hundred. */
const PATIENCE = 1_500;

describe('the product in simulation', () => {
  it(`keeps every promise in ${SEEDS} schedules of faults, each of which repeats exactly`, async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const { violations } = await judge(scheduleOf(seed));
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });
});

/** The promise that each guarantee stands for: another one that breaks as well does not count. */
const STANDS_FOR: Readonly<Record<Weakness, string>> = {
  fence: 'each place in a run has one winner',
  dedupe: 'each fact is folded once',
  ledger: 'an operation takes effect at most once',
  permit: 'no effect without an earlier permit',
  durability: 'acknowledged commits are in the log',
  budget: 'no more is done than a budget gives that runs share',
};

describe('the simulation itself', () => {
  it.each(Object.entries(STANDS_FOR) as [Weakness, string][])('notices when the guarantee "%s" is taken away: %s', async (weakness, promise) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + PATIENCE; seed += 1) {
      const { violations } = await simulate(scheduleOf(seed), { weakness });
      if (violations.some(({ invariant }) => invariant === promise)) return;
    }
    throw new Error(`"${promise}" held in ${PATIENCE} seeds, although "${weakness}" was off`);
  });

  it('tells different schedules apart by their traces', async () => {
    const digests = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 20; seed += 1) digests.add((await simulate(scheduleOf(seed))).digest);

    expect(digests.size).toBe(20);
  });
});
