import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ToolError } from '../tools/tool-error.js';
import { Bench, atMostOnce, busy, keyed, lost, reading, type Execute } from './bench.fixture.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('retries', () => {
  it('use full jitter between attempts, doubling up to the longest delay', async () => {
    const times: number[] = [];
    await new Bench().run(reading(() => {
      times.push(Date.now());
      return Promise.reject(busy());
    }), { random: () => 0.5 });

    // Half of 100, 200 and 400 ms: the draws of a generator that always gives a half.
    expect(times.slice(1).map((time, index) => time - (times[index] ?? 0))).toEqual([50, 100, 200]);
  });

  it('wait at least as long as the other side asked', async () => {
    const times: number[] = [];
    const outcome = await new Bench().run(keyed(() => {
      times.push(Date.now());
      return times.length === 1 ? Promise.reject(busy(1_500)) : Promise.resolve('ok');
    }));

    expect(outcome.status).toBe('succeeded');
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBe(1_500);
  });

  it('give up when the other side asks for more time than the call has', async () => {
    const execute = jest.fn<Execute>().mockRejectedValue(busy(60_000));

    expect(await new Bench().run(keyed(execute))).toMatchObject({ status: 'failed', failure: { code: 'tool.not-done', retryable: true } });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it.each([
    { name: 'read', tool: reading, error: lost, attempts: 4, status: 'failed' },
    { name: 'keyed', tool: keyed, error: lost, attempts: 4, status: 'in-doubt' },
    { name: 'at-most-once', tool: atMostOnce, error: lost, attempts: 1, status: 'in-doubt' },
    { name: 'at-most-once', tool: atMostOnce, error: busy, attempts: 4, status: 'failed' },
    { name: 'keyed', tool: keyed, error: () => ToolError.refused({ message: 'No funds.' }), attempts: 1, status: 'failed' },
    { name: 'keyed', tool: keyed, error: () => new TypeError('bug'), attempts: 4, status: 'in-doubt' },
  ])('of a tool that is $name and whose answer is $status make $attempts attempts', async ({ tool, error, attempts, status }) => {
    const execute = jest.fn<Execute>().mockImplementation(() => Promise.reject(error()));
    const outcome = await new Bench().run(tool(execute));

    expect(execute).toHaveBeenCalledTimes(attempts);
    expect(outcome.status).toBe(status);
    expect(outcome.attempts).toHaveLength(attempts);
  });

  it('leave the doubt of an earlier attempt standing when a later one is refused', async () => {
    const execute = jest.fn<Execute>().mockRejectedValueOnce(lost()).mockRejectedValueOnce(ToolError.refused({ message: 'Forbidden.' }));

    expect((await new Bench().run(keyed(execute))).status).toBe('in-doubt');
  });

  it('send the same operation key in every attempt', async () => {
    const keys: unknown[] = [];
    await new Bench().run(keyed((_args, { operationKey, attempt }) => {
      keys.push(operationKey);
      return attempt < 3 ? Promise.reject(lost()) : Promise.resolve('ok');
    }));

    expect(keys).toHaveLength(3);
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f]{64}$/)]));
  });

  it('claim anew before each attempt, so that nobody takes over from a living worker', async () => {
    const bench = new Bench();
    await bench.run(keyed((_args, { attempt }) => (attempt < 3 ? Promise.reject(lost()) : Promise.resolve('ok'))));

    expect(bench.store.history(bench.store.subjects()[0] ?? '').map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual(['claim 1', 'claim 2', 'claim 3', 'outcome 3']);
  });

  it('are not begun by a worker that stops; the call is left for another', async () => {
    const stop = new AbortController();
    const execute = jest.fn<Execute>().mockImplementation(() => {
      stop.abort();
      return Promise.reject(busy());
    });

    await expect(new Bench().run(keyed(execute), { signal: stop.signal })).rejects.toMatchObject({ code: 'tool.interrupted', retryable: true });
    expect(execute).toHaveBeenCalledTimes(1);
  });
});

describe('an attempt that takes too long', () => {
  it('is aborted and counts as unknown', async () => {
    const signals: AbortSignal[] = [];
    const outcome = await new Bench().run(atMostOnce((_args, { signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    }));

    expect(outcome).toMatchObject({ status: 'in-doubt', attempts: [{ outcome: 'unknown tool.timed-out', durationMs: 1_000 }] });
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('a worker that lost time after its claim', () => {
  it('claims again before it acts, since another may count it as dead', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockResolvedValue('ok');
    const stalls = { hit: (name: string) => (name === 'after-claim' ? new Promise<void>((resolve) => setTimeout(resolve, 700)) : undefined) };

    expect((await bench.run(keyed(execute), { failpoints: stalls })).status).toBe('succeeded');
    expect(execute).toHaveBeenCalledTimes(1);
    expect(bench.store.history(bench.store.subjects()[0] ?? '').map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual(['claim 1', 'claim 2', 'outcome 2']);
  });
});
