import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { defineTool } from '../tools/define-tool.js';
import { sealContract } from '../tools/contract.js';
import type { Tool } from '../tools/tool.js';
import type { ToolContract } from '@holdfast/contracts';
import { ToolGuards } from '../guards/tool-guards.js';
import { Ledger } from '../ledger/ledger.js';
import { executeCall } from './execute-call.js';
import { Bench, atMostOnce, busy, common, keyed, lost, reading, type Execute } from './bench.fixture.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

function limited(tool: Tool, change: Partial<ToolContract>): Tool {
  const { digest: _digest, ...fields } = { ...tool.contract, ...change };
  return { ...tool, contract: sealContract(fields) };
}
const kinds = (bench: Bench): readonly string[] => bench.store.history(bench.store.subjects()[0] ?? '').map(({ kind, epoch }) => `${kind} ${epoch}`);

describe('the deadline of a call', () => {
  it('spans all attempts: each gets what is left, and no other begins after it', async () => {
    const given: number[] = [];
    const tool = limited(reading((_args, context) => {
      given.push((context as unknown as { deadline: number }).deadline - Date.now());
      return new Promise(() => undefined);
    }), { deadlineMs: 1_500 });

    expect(await new Bench().run(tool)).toMatchObject({ status: 'failed', failure: { code: 'tool.timed-out' }, attempts: [{ durationMs: 1_000 }, { durationMs: 450 }] });
    expect(given).toEqual([1_000, 450]);
  });

  it('may be over while the call waits for a place; then nothing is sent, and the ledger knows that', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockImplementation(() => new Promise((resolve) => setTimeout(() => resolve('ok'), 900)));
    const tool = limited(keyed(execute), { deadlineMs: 800, timeoutMs: 1_000, concurrency: 1, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 } });
    const [, second] = await Promise.all([bench.run(tool, { args: { reference: 'r-1', amountCents: 1 } }), bench.run(tool, { callId: 'c2', args: { reference: 'r-2', amountCents: 1 } })]);

    expect(second).toMatchObject({ status: 'failed', failure: { code: 'tool.deadline-exceeded', retryable: true }, attempts: [] });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it('ends a call at once when the service asks for more', async () => {
    const tool = limited(reading(() => Promise.reject(busy(2_000))), { deadlineMs: 1_500 });

    expect(await new Bench().run(tool)).toMatchObject({ failure: { code: 'tool.not-done' }, attempts: [{}] });
    expect(Date.now()).toBeLessThan(1_000_100);
  });
});

describe('a call that waits for its rate or its breaker', () => {
  it('claims when it may act, so that no wait makes a claim old', async () => {
    const bench = new Bench();
    const claimedAt: number[] = [];
    const tool = limited(keyed(() => Promise.resolve('ok')), { rateLimit: { calls: 1, perMs: 2_000 }, deadlineMs: 20_000 });
    const failpoints = { hit: (name: string) => void (name === 'after-claim' && claimedAt.push(Date.now())) };
    await bench.run(tool, { failpoints });
    expect(await bench.run(tool, { args: { reference: 'r-8', amountCents: 5 }, failpoints })).toMatchObject({ status: 'succeeded', attempts: [{}] });

    expect((claimedAt[1] ?? 0) - (claimedAt[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(kinds(bench)).toEqual(['claim 1', 'outcome 1']);
  });

  it('keeps its claim while it waits between two attempts, so that nobody takes it for dead', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockRejectedValueOnce(busy(5_000)).mockResolvedValue('ok');
    const tool = atMostOnce(execute);
    const first = bench.run(tool);
    await jest.advanceTimersByTimeAsync(3_000);
    const call = { tool, args: { reference: 'r-7', amountCents: 5 }, tenant: 'acme', runId: 'run-2', callId: 'c1-1' };
    const other = executeCall(call, { ledger: new Ledger({ store: bench.store, owner: 'other', random: () => 0.5 }), guards: new ToolGuards() });

    expect(await first).toMatchObject({ status: 'succeeded', replayed: false });
    await jest.advanceTimersByTimeAsync(1_000);
    expect(await other).toMatchObject({ status: 'succeeded', replayed: true });
    expect(execute).toHaveBeenCalledTimes(2);
  });

  it('is told that its rate does not let it through in time, and nothing was sent', async () => {
    const bench = new Bench();
    const execute = jest.fn<Execute>().mockResolvedValue('ok');
    const tool = limited(atMostOnce(execute), { rateLimit: { calls: 1, perMs: 60_000 } });
    await bench.run(tool);

    expect(await bench.run(tool, { args: { reference: 'r-8', amountCents: 5 } })).toMatchObject({ status: 'failed', failure: { code: 'tool.rate-limited', retryable: true }, attempts: [] });
    expect(execute).toHaveBeenCalledTimes(1);
  });

  it('waits until an open breaker lets it try, within its deadline', async () => {
    const bench = new Bench();
    let fails = 1;
    const tool = limited(defineTool({ ...common, effect: 'keyed', identity: ['reference'], execute: () => (fails-- > 0 ? Promise.reject(busy()) : Promise.resolve('ok')) }), { breaker: { failures: 1, openMs: 2_000 }, deadlineMs: 10_000 });

    expect(await bench.run(tool)).toMatchObject({ status: 'succeeded', attempts: [{ at: 1_000_000 }, { at: 1_002_000 }] });
    expect([...bench.guards.states().values()]).toEqual([{ state: 'closed' }]);
  });
});

describe('the budget of retries', () => {
  it.each([
    { name: 'not done', error: busy, make: keyed, status: 'failed' },
    { name: 'in doubt', error: lost, make: keyed, status: 'in-doubt' },
  ])('ends a call as $name when it is spent', async ({ error, make, status }) => {
    const bench = new Bench();
    const tool = make(() => Promise.reject(error()));
    while (bench.guards.of(tool).budget.withdraw());
    const outcome = await bench.run(tool);

    expect(outcome).toMatchObject({ status, attempts: [{}] });
    expect(JSON.stringify(outcome)).toContain('too many of its calls are being retried');
  });
});

describe('a tool whose calls crowd', () => {
  it('gives calls back, so that they hold no place that other tools need', async () => {
    const bench = new Bench({ waiting: 1 });
    const slow = limited(reading(() => new Promise((resolve) => setTimeout(() => resolve('ok'), 100))), { concurrency: 1 });
    const calls = await Promise.allSettled(['c1', 'c2', 'c3'].map((callId) => bench.run(slow, { callId })));

    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(calls[2]).toMatchObject({ reason: { code: 'tool.crowded', retryable: true } });
  });
});
