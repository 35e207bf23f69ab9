import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { GuardStore } from './guard-store.js';
import { InMemoryGuardStore } from './memory-guard-store.js';
import { SharedRate, useMsOf } from './shared-rate.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A store on a network: everything takes time, and some answers are lost after the write was stored. */
function faraway(store: GuardStore, delays: () => number, lost: () => boolean): GuardStore {
  return {
    read: async (...asked) => {
      await sleep(delays());
      const found = await store.read(...asked);
      await sleep(delays());
      return found;
    },
    write: async (...asked) => {
      await sleep(delays());
      const answer = await store.write(...asked);
      await sleep(delays());
      return lost() ? { status: 'unknown' } : answer;
    },
    listen: (heard) => store.listen(heard),
  };
}

interface Pod {
  readonly skewMs: number;
  readonly startsAt: number;
  readonly diesAfter: number;
  readonly pauseMs: number;
}

/** Most calls that began in any window; both arrays are in order of time. */
function mostInWindow(began: readonly number[], perMs: number): number {
  return Math.max(0, ...began.map((from) => began.filter((at) => at >= from && at < from + perMs).length));
}

async function hammer(pods: readonly Pod[], calls: number, perMs: number, forMs: number, draws: readonly number[]): Promise<readonly number[]> {
  let drawn = 0;
  const draw = (): number => draws[(drawn += 1) % draws.length] ?? 0;
  const store = new InMemoryGuardStore(() => Date.now());
  const began: number[] = [];
  const start = Date.now();
  for (const { skewMs, startsAt, diesAfter, pauseMs } of pods) {
    const rate = new SharedRate({ tool: 'pay', calls, perMs, store: faraway(store, () => draw() % 30, () => draw() % 10 === 0), monotonic: () => Date.now() + skewMs });
    const worker = async (): Promise<void> => {
      await sleep(startsAt);
      for (let mine = 0; mine < diesAfter && Date.now() - start < forMs;) {
        const token = await rate.take();
        if ('waitMs' in token) await sleep(token.waitMs);
        else {
          // Between the token and the beginning of the call lies the claim.
          await sleep(draw() % 40);
          if (rate.isFresh(token)) began.push(Date.now());
          mine += 1;
          await sleep(pauseMs);
        }
      }
    };
    for (let each = 0; each < 3; each += 1) void worker();
  }
  await jest.advanceTimersByTimeAsync(forMs + 1_000);
  return began;
}

const aPod = fc.record({ skewMs: fc.integer({ min: -86_400_000, max: 86_400_000 }), startsAt: fc.integer({ min: 0, max: 3_000 }), diesAfter: fc.integer({ min: 1, max: 500 }), pauseMs: fc.integer({ min: 1, max: 40 }) });
const draws = fc.array(fc.nat(999), { minLength: 20, maxLength: 60 });

describe('a rate limit that is shared', () => {
  it('is never exceeded in any window, whatever the workers, their clocks, their deaths and lost answers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aPod, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 200, max: 2_000 }), draws, async (pods, calls, perMs, random) => {
        const began = await hammer(pods, calls, perMs, 6_000, random);
        expect(mostInWindow(began, perMs)).toBeLessThanOrEqual(calls);
        expect(began.length).toBeGreaterThan(0);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('lets through most of what it allows when asked without a pause', async () => {
    const eager = { skewMs: 0, startsAt: 0, diesAfter: Infinity, pauseMs: 1 };
    const began = await hammer([eager, { ...eager, skewMs: 5_000 }], 50, 1_000, 12_000, [1, 2, 3, 5, 7]);

    expect(mostInWindow(began, 1_000)).toBeLessThanOrEqual(50);
    expect(began.length).toBeGreaterThan((12_000 / (1_000 + useMsOf(1_000) + 20)) * 50 * 0.8);
  });

  it('takes a record that nobody can read for one that handed out everything', async () => {
    const store = new InMemoryGuardStore(() => Date.now());
    await store.write('pay', 'rate', { nonsense: true } as never, 0);
    const rate = new SharedRate({ tool: 'pay', calls: 5, perMs: 1_000, store, monotonic: () => Date.now() });
    let asked = await rate.take();
    for (let waits = 0; 'waitMs' in asked && waits < 10; waits += 1) {
      await jest.advanceTimersByTimeAsync(asked.waitMs);
      asked = await rate.take();
    }

    expect(asked).toHaveProperty('until');
    expect(Date.now()).toBeGreaterThanOrEqual(1_000_000 + 1_000 + useMsOf(1_000));
  });

  it('gives no token while the store is away', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('away'));
    const rate = new SharedRate({ tool: 'pay', calls: 5, perMs: 1_000, store: { read: away, write: away, listen: () => () => undefined }, monotonic: () => Date.now() });

    expect(await rate.take()).toEqual({ waitMs: 250 });
  });
});
