import { describe, expect, it } from '@jest/globals';
import { backoffMs, pause } from './backoff.js';

describe('the wait before another try', () => {
  it('doubles up to fifteen seconds, half of it by chance', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backoffMs(failures, 1))).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect([1, 6].map((failures) => backoffMs(failures, 0))).toEqual([250, 7_500]);
  });

  it('is no shorter than the gateway asks for', () => {
    expect(backoffMs(1, 0, 30_000)).toBe(30_000);
  });

  it('ends at once when nobody waits any more', async () => {
    const controller = new AbortController();
    const waiting = pause(2 ** 31 - 1, controller.signal);
    controller.abort();
    await waiting;
    await pause(2 ** 31 - 1, controller.signal);
    expect(controller.signal.aborted).toBe(true);
  });
});
