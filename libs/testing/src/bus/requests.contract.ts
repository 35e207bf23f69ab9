import { afterEach, afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bus, RequestOptions } from '@holdfast/bus';
import { HoldfastError, memorySearchAnswer, visibleAnswer, visibleRequest, type VisibleAnswer, type VisibleRequest } from '@holdfast/contracts';
import { Bench, gate, until } from './bench.fixture.js';

describe('asking another service', () => {
  let bench: Bench;
  const question: VisibleRequest = { tenant: 'acme', runId: 'run-1' };
  beforeAll(async () => {
    bench = await Bench.start();
  });
  afterEach(() => bench.closeBuses());
  afterAll(() => bench.stop());

  async function serve(handler: (value: VisibleRequest) => Promise<unknown>, unexpected: string[] = []): Promise<Bus> {
    const policy = await bench.bus('policy', { onUnexpected: (error, subject) => unexpected.push(`${subject}: ${String(error)}`) });
    policy.serve('policy.visible', visibleRequest, handler);
    expect(await policy.isReady()).toBe(true);
    return policy;
  }
  const ask = async (value: unknown = question, options?: RequestOptions): Promise<VisibleAnswer> => (await bench.bus('planner')).request('policy.visible', value, visibleAnswer, options);

  it('brings the answer, and the question its headers and its subject', async () => {
    const policy = await bench.bus('policy');
    policy.serve('policy.visible', visibleRequest, async ({ runId }, context) => ({ tools: [runId, context.subject.replace('.', '-'), context.header('who') ?? '', context.header('absent') ?? 'none'], policyDigest: 'a'.repeat(64) }));
    await policy.isReady();
    expect((await ask(question, { headers: { who: 'me' } })).tools).toEqual(['run-1', 'policy-visible', 'me', 'none']);
  });

  it('throws the other side’s own error, as it was', async () => {
    const shape = { code: 'policy.no-bundle', message: 'There is no bundle.', retryable: true, remedy: 'Load one.' };
    await serve(() => Promise.reject(new HoldfastError(shape)));
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HoldfastError);
    expect((error as HoldfastError).toJSON()).toEqual(shape);
  });

  it('does not tell the asker of an unexpected error, but the service', async () => {
    const unexpected: string[] = [];
    await serve(() => Promise.reject(new TypeError('a secret detail')), unexpected);
    const error: unknown = await ask().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'internal', retryable: true });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(unexpected).toEqual(['policy.visible: TypeError: a secret detail']);
  });

  it.each([['of another shape', { tenant: 7 }], ['that is no object', 'text']])('refuses a question %s without calling the handler', async (_, value) => {
    let calls = 0;
    await serve(async () => { calls += 1; });
    await expect(ask(value)).rejects.toMatchObject({ code: 'request.invalid', retryable: false });
    expect(calls).toBe(0);
  });

  it.each([['of another shape', { tools: 'all' }], ['that is nothing', undefined], ['that is null', null]])('refuses an answer %s', async (_, answer) => {
    await serve(async () => answer);
    await expect(ask()).rejects.toMatchObject({ code: 'bus.malformed', retryable: false });
  });

  it.each([['too large', 'x'.repeat(1_100_000)], ['no JSON', 1n]])('survives an answer that is %s, and says so', async (_, answer) => {
    const unexpected: string[] = [];
    let first: unknown = answer;
    await serve(async () => first, unexpected);
    await expect(ask()).rejects.toMatchObject({ code: 'answer.unsendable', retryable: false });
    expect(unexpected).toHaveLength(1);
    first = { tools: [], policyDigest: 'a'.repeat(64) };
    expect((await ask()).tools).toEqual([]);
  });

  it('refuses a question that no message can carry at once and for good', async () => {
    await serve(async () => ({ tools: [], policyDigest: 'a'.repeat(64) }));
    await expect(ask({ ...question, text: 'x'.repeat(1_100_000) })).rejects.toMatchObject({ code: 'bus.rejected', retryable: false, message: expect.stringContaining('max_payload') });
    expect((await ask()).tools).toEqual([]);
  });

  it('says that nobody is there, or that nobody answered in time', async () => {
    await expect((await bench.bus('gateway')).request('memory.search', {}, memorySearchAnswer)).rejects.toMatchObject({ code: 'bus.unanswered', retryable: true });
    const held = gate();
    await serve(() => held.opened);
    await expect(ask(question, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'bus.unanswered', retryable: true });
    held.open();
  });

  it('asks one of several instances', async () => {
    const calls = [0, 0];
    const answer = { tools: [], policyDigest: 'a'.repeat(64) };
    for (const index of [0, 1]) await serve(async () => { calls[index] = (calls[index] ?? 0) + 1; return answer; });
    const planner = await bench.bus('planner');
    await Promise.all(Array.from({ length: 200 }, () => planner.request('policy.visible', question, visibleAnswer)));
    expect((calls[0] ?? 0) + (calls[1] ?? 0)).toBe(200);
    expect(Math.min(...calls)).toBeGreaterThan(0);
  });

  it('is answered though the service begins to close meanwhile, and by the other instance from then on', async () => {
    const held = gate();
    let begun = false;
    const closing = await serve(async () => { begun = true; await held.opened; return { tools: ['old'], policyDigest: 'a'.repeat(64) }; });
    const answer = ask();
    await until(() => begun);
    const closed = closing.close();
    await serve(async () => ({ tools: ['new'], policyDigest: 'a'.repeat(64) }));
    await until(async () => (await ask(question, { timeoutMs: 200 }).catch(() => undefined))?.tools[0] === 'new');
    held.open();
    expect((await answer).tools).toEqual(['old']);
    await closed;
  });

  it('says what the role may not serve', async () => {
    const unexpected: string[] = [];
    const memory = await bench.bus('memory', { onUnexpected: (_, subject) => unexpected.push(subject) });
    memory.serve('policy.visible', visibleRequest, async () => undefined);
    memory.listen('guards.>', () => undefined);
    await until(() => unexpected.length === 2);
    expect(unexpected).toEqual(['policy.visible', 'guards.>']);
  });
});
