import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ToolOutcome } from '@holdfast/contracts';
import { z } from 'zod';
import { InMemoryEffectStore } from '../ledger/memory-effect-store.js';
import { Ledger } from '../ledger/ledger.js';
import { defineTool, type Tool } from '../tools/define-tool.js';
import { ToolError } from '../tools/tool-error.js';
import { executeCall } from './execute-call.js';
import type { Failpoints } from './failpoints.js';
import { MAXIMUM_RESULT_BYTES } from './outcomes.js';
import { ToolGuards } from './tool-guards.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

type Execute = (args: { readonly reference: string }, context: { readonly signal: AbortSignal; readonly attempt: number; readonly operationKey?: string }) => Promise<unknown>;

const common = {
  name: 'transfer', description: 'Transfers.', input: z.strictObject({ reference: z.string(), amountCents: z.int().positive() }), output: z.unknown(),
  roles: { reference: 'target', amountCents: 'sink' }, outputLabel: { trust: 'organisation', secrecy: 'internal' },
  timeoutMs: 1_000, retry: { attempts: 4, baseDelayMs: 100, maxDelayMs: 400 }, concurrency: 2,
} as const;

const keyed = (execute: Execute): Tool => defineTool({ ...common, effect: 'keyed', identity: ['reference'], execute });
const reading = (execute: Execute): Tool => defineTool({ ...common, effect: 'read', execute });
const atMostOnce = (execute: Execute): Tool => defineTool({ ...common, effect: 'at-most-once', identity: ['reference'], execute });

class Bench {
  readonly store = new InMemoryEffectStore();
  readonly guards: ToolGuards;
  readonly ledger = new Ledger({ store: this.store, owner: 'worker', random: () => 0.5 });
  constructor(settings: { failuresToOpen?: number; halfOpenAfterMs?: number } = {}) {
    this.guards = new ToolGuards({ failuresToOpen: 1_000, ...settings });
  }
  async run(tool: Tool, more: { args?: unknown; callId?: string; random?: () => number; signal?: AbortSignal; failpoints?: Failpoints } = {}): Promise<ToolOutcome> {
    let ended = false;
    const outcome = executeCall(
      { tool, args: more.args ?? { reference: 'r-7', amountCents: 5 }, tenant: 'acme', runId: 'run-1', callId: more.callId ?? 'c1-1' },
      { ledger: this.ledger, guards: this.guards, random: more.random ?? (() => 0.5), signal: more.signal, failpoints: more.failpoints },
    );
    void outcome.then(() => (ended = true), () => (ended = true));
    for (let passed = 0; passed < 30_000 && !ended; passed += 10) await jest.advanceTimersByTimeAsync(10);
    return outcome;
  }
}

const busy = (retryAfterMs?: number): ToolError => ToolError.notDone({ message: 'Busy.', retryAfterMs });
const lost = (): ToolError => ToolError.unknown({ message: 'No answer.' });

describe('the input of a call', () => {
  it('is refused with the tool, the field and what to do, before anything is done', async () => {
    const execute = jest.fn<Execute>();
    const bench = new Bench();
    const outcome = await bench.run(keyed(execute), { args: { reference: 'r-7', amountCents: -5, iban: 'DE00' } });

    expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'tool.input-invalid', retryable: false, remedy: expect.stringContaining('call the tool again') } });
    expect(JSON.stringify(outcome)).toMatch(/transfer.*amountCents.*iban/);
    expect(execute).not.toHaveBeenCalled();
    expect(bench.store.subjects()).toEqual([]);
  });
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

describe('a result', () => {
  const acting = (result: unknown): { readonly execute: ReturnType<typeof jest.fn<Execute>>; readonly tool: Tool } => {
    const execute = jest.fn<Execute>().mockResolvedValue(result);
    return { execute, tool: defineTool({ ...common, output: z.strictObject({ text: z.string() }), effect: 'keyed', identity: ['reference'], execute: (args, context) => execute(args, context) as Promise<{ text: string }> }) };
  };

  it.each([
    { code: 'tool.output-invalid', result: { text: 7 } },
    { code: 'tool.result-too-large', result: { text: 'x'.repeat(MAXIMUM_RESULT_BYTES) } },
  ])('that cannot be used is a failure ($code), and the effect is never repeated', async ({ code, result }) => {
    const bench = new Bench();
    const { execute, tool } = acting(result);

    expect(await bench.run(tool)).toMatchObject({ status: 'failed', failure: { code, retryable: false } });
    expect(await bench.run(tool, { callId: 'c9-1' })).toMatchObject({ status: 'failed', failure: { code } });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it('just below the limit is recorded', async () => {
    const text = 'x'.repeat(MAXIMUM_RESULT_BYTES - '{"text":""}'.length);

    expect((await new Bench().run(acting({ text }).tool)).status).toBe('succeeded');
  });
});

describe('a failure after which certainly nothing happened', () => {
  it('lets another call try again, also with other arguments, but not the same call', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockRejectedValueOnce(ToolError.refused({ message: 'No such account.' })).mockResolvedValue('paid');
    const tool = keyed(execute);
    const first = await bench.run(tool);

    expect(await bench.run(tool)).toEqual(first);
    expect(await bench.run(tool, { callId: 'c5-1', args: { reference: 'r-7', amountCents: 6 } })).toMatchObject({ status: 'succeeded', result: 'paid' });
    expect(execute).toHaveBeenCalledTimes(2);
  });
});

describe('the doubt about a reconcilable operation', () => {
  it.each([
    { said: 'that it happened', reconcile: () => Promise.resolve({ status: 'done', result: 'sent' } as const), status: 'succeeded' },
    { said: 'that it did not', reconcile: () => Promise.resolve({ status: 'not-done' } as const), status: 'failed' },
    { said: 'nothing', reconcile: () => Promise.reject(lost()), status: 'in-doubt' },
  ])('ends after the last attempt as $status when the system of record says $said', async ({ reconcile, status }) => {
    const execute = jest.fn<Execute>().mockRejectedValue(lost());
    const tool = defineTool({ ...common, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, effect: 'reconcilable', identity: ['reference'], execute, reconcile });

    expect((await new Bench().run(tool)).status).toBe(status);
    expect(execute).toHaveBeenCalledTimes(1);
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

describe('a call in doubt', () => {
  it('stays in doubt for everybody who asks', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockRejectedValueOnce(lost()).mockResolvedValue('paid');
    const tool = atMostOnce(execute);
    await bench.run(tool);

    expect((await bench.run(tool, { callId: 'c5-1' })).status).toBe('in-doubt');
    expect(execute).toHaveBeenCalledTimes(1);
  });
});

describe('the circuit breaker of a tool', () => {
  const once = { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 };

  it('opens after failures in a row, lets one call try when its time has come, and closes on success', async () => {
    const bench = new Bench({ failuresToOpen: 3, halfOpenAfterMs: 5_000 });
    const execute = jest.fn<Execute>().mockImplementation(() => Promise.reject(busy()));
    const tool = defineTool({ ...common, retry: once, effect: 'read', execute });
    for (let call = 0; call < 3; call += 1) await bench.run(tool);

    expect(await bench.run(tool)).toMatchObject({ status: 'failed', failure: { code: 'tool.circuit-open', retryable: true } });
    expect(execute).toHaveBeenCalledTimes(3);

    await jest.advanceTimersByTimeAsync(5_000);
    await bench.run(tool);
    expect(execute).toHaveBeenCalledTimes(4);
    expect(await bench.run(tool)).toMatchObject({ failure: { code: 'tool.circuit-open' } });

    await jest.advanceTimersByTimeAsync(5_000);
    execute.mockResolvedValue('ok');
    expect((await bench.run(tool)).status).toBe('succeeded');
    expect((await bench.run(tool)).status).toBe('succeeded');
    expect(execute).toHaveBeenCalledTimes(6);
  });

  it('does not open because the business refuses', async () => {
    const bench = new Bench({ failuresToOpen: 2 });
    const execute = jest.fn<Execute>().mockImplementation(() => Promise.reject(ToolError.refused({ message: 'No.' })));
    const tool = defineTool({ ...common, retry: once, effect: 'read', execute });
    for (let call = 0; call < 5; call += 1) await bench.run(tool);

    expect(execute).toHaveBeenCalledTimes(5);
  });

  it('leaves other tools alone', async () => {
    const bench = new Bench({ failuresToOpen: 1 });
    await bench.run(defineTool({ ...common, retry: once, effect: 'read', execute: () => Promise.reject(busy()) }));
    const other = defineTool({ ...common, name: 'other', effect: 'read', execute: () => Promise.resolve('ok') });

    expect((await bench.run(other)).status).toBe('succeeded');
  });
});

describe('the places of a tool', () => {
  it('are never more than its contract allows at once', async () => {
    const bench = new Bench();
    let [now, most] = [0, 0];
    const tool = reading(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 50));
      now -= 1;
      return 'ok';
    });
    await Promise.all(Array.from({ length: 6 }, (_, index) => bench.run(tool, { callId: `c${index}` })));

    expect(most).toBe(2);
  });
});
