import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InMemoryEventLog, verifyLog } from '@holdfast/event-log';
import { HoldfastError, UNREADABLE_CALL, type FactOf } from '@holdfast/contracts';
import { FakePolicy, approval, eventsOf, key, orchestrator, plan, sentCalls, signal, task, tool } from './processor.fixture.js';

/** A broker that takes messages of 4 kB: a content of some 60 kB is divided, and beyond that nothing can be kept. */
const smallLog = () => new InMemoryEventLog(2, 1_000, 4_096);
const text = (bytes: number): string => 'é"\n'.repeat(bytes).slice(0, bytes);
const SIZES = [10, 900, 3_000, 10_000, 25_000, 60_000, 300_000];

const planOf = (bytes: number, name = 'pay'): FactOf<'plan'> => {
  const fact = plan(1, [name]);
  return { ...fact, proposal: { ...fact.proposal, requests: [{ requestId: 'r0', tool: name, arguments: { invoice: 7, note: text(bytes) } }] } };
};
const outcomeOf = (bytes: number): FactOf<'tool'> => tool('c1-1', { status: 'succeeded', result: { note: text(bytes) }, replayed: false, attempts: [] });

describe('the outcome of a call, whatever its size', () => {
  it.each(SIZES)('of %i bytes settles the call, and the run goes on', async (bytes) => {
    const log = smallLog();
    const { processAll } = orchestrator(log);
    expect(await processAll(task, plan(1, ['pay']), outcomeOf(bytes), outcomeOf(bytes))).toEqual(['committed', 'committed', 'committed', 'duplicate']);
    expect((await log.head(key))?.commit.route).toBe('plan');
    expect((await verifyLog(log)).holds).toBe(true);
  });

  it('is kept whole though the commit says it twice and no message can carry it', async () => {
    const log = smallLog();
    await orchestrator(log).processAll(task, plan(1, ['pay']), outcomeOf(3_500));
    expect(await eventsOf(log)).toContainEqual(expect.objectContaining({ type: 'observation-recorded', content: { note: text(3_500) } }));
  });

  it('says, where even that is too little, that the call was made, with bytes, digest and beginning of what it returned', async () => {
    const log = smallLog();
    await orchestrator(log).processAll(task, plan(1, ['pay']), outcomeOf(300_000));
    const bytes = Buffer.byteLength(JSON.stringify({ note: text(300_000) }));
    expect((await eventsOf(log)).filter(({ type }) => type === 'tool-returned' || type === 'observation-recorded')).toEqual([
      expect.objectContaining({ outcome: expect.objectContaining({ status: 'failed', failure: expect.objectContaining({ code: 'tool.result-too-large', retryable: false, message: expect.stringMatching(new RegExp(`call was made.* ${bytes} bytes \\(SHA-256 [0-9a-f]{64}\\)`)) }) }) }),
    ]);
  });
});

describe('a proposal, whatever its size', () => {
  it.each(SIZES)('with arguments of %i bytes is decided, and the run goes on', async (bytes) => {
    const log = smallLog();
    const { processAll } = orchestrator(log);
    expect(await processAll(task, planOf(bytes), planOf(bytes))).toEqual(['committed', 'committed', 'duplicate']);
    expect(await sentCalls(log)).toEqual(bytes < 20_000 ? ['c1-1'] : []);
  });

  it('that cannot be kept is recorded with a call that policy refuses, so that the model is told', async () => {
    const log = smallLog();
    await orchestrator(log).processAll(task, planOf(300_000));
    expect(await eventsOf(log)).toEqual(expect.arrayContaining([
      expect.objectContaining({ type: 'decision-made', proposal: expect.objectContaining({ requests: [{ requestId: 'r0', tool: UNREADABLE_CALL, arguments: { tool: 'pay', problem: expect.stringContaining('acme/run-1') } }] }) }),
      expect.objectContaining({ type: 'call-refused', callId: 'c1-1' }),
    ]));
    expect((await log.head(key))?.commit.route).toBe('plan');
  });

  it('about which policy cannot be asked is refused with the reason', async () => {
    const log = smallLog();
    const policy = new FakePolicy();
    const { processAll } = orchestrator(log, Object.assign(policy, { ask: async () => { throw new HoldfastError({ code: 'answer.unsendable', message: 'The answer cannot be sent.', retryable: false, remedy: 'Ask for less.' }); } }));
    expect(await processAll(task, plan(1, ['pay']))).toEqual(['committed', 'committed']);
    expect(await eventsOf(log)).toContainEqual(expect.objectContaining({ type: 'call-refused', reasons: expect.arrayContaining([expect.stringContaining('too large')]) }));
  });

  it('is judged without the commits that were handed on when those make the question too large', async () => {
    const log = smallLog();
    const policy = new FakePolicy();
    const ask = policy.ask;
    const { processAll } = orchestrator(log, Object.assign(policy, { ask: async (request: Parameters<typeof ask>[0]) => {
      if ((request.tail ?? []).length > 0) throw new HoldfastError({ code: 'bus.rejected', message: 'Too large.', retryable: false, remedy: 'Less.' });
      return ask(request);
    } }));
    expect(await processAll(task, plan(1, ['pay']))).toEqual(['committed', 'committed']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });
});

describe('what people and other services send, whatever its size', () => {
  it.each(SIZES)('as a task of %i bytes begins the run, or is refused with its name', async (bytes) => {
    const { processor } = orchestrator(smallLog());
    const processed = await processor.process(key, { ...task, event: { ...task.event, data: { ...task.event.data, note: text(bytes) } } });
    expect(processed).toMatchObject(bytes < 50_000 ? { status: 'committed' } : { status: 'refused', code: 'log.commit-too-large', reason: expect.stringContaining('acme/run-1') });
  });

  it.each(SIZES)('as a signal of %i bytes is recorded, or refused with the run\'s name, and the run goes on', async (bytes) => {
    const log = smallLog();
    const { processor, processAll } = orchestrator(log);
    await processAll(task, plan(1, ['wire']));
    expect(await processor.process(key, { ...signal('s'), payload: text(bytes) })).toMatchObject(bytes < 50_000 ? { status: 'committed' } : { status: 'refused', code: 'log.commit-too-large', reason: expect.stringMatching(/acme\/run-1.*reference/) });
    expect(await processAll(approval('a-c1-1'), tool('c1-1'))).toEqual(['committed', 'committed']);
  });
});

describe('a whole run with facts of any sizes', () => {
  it('never gives a fact back, and its log holds', async () => {
    const size = fc.integer({ min: 0, max: 80_000 });
    await fc.assert(fc.asyncProperty(fc.record({ task: fc.integer({ min: 0, max: 20_000 }), plan: size, outcome: size, signal: size }), async (sizes) => {
      const log = smallLog();
      const { processAll } = orchestrator(log);
      const statuses = await processAll({ ...task, event: { ...task.event, data: { ...task.event.data, note: text(sizes.task) } } }, planOf(sizes.plan, 'lookup'), { ...signal('s'), payload: text(sizes.signal) }, outcomeOf(sizes.outcome));
      expect(statuses).not.toContain('unavailable');
      const asked = (await log.readRun(key)).findLast(({ commit }) => commit.route === 'plan')?.commit.number ?? 0;
      expect(asked).toBeGreaterThan(1);
      expect(await processAll({ ...plan(asked, []), id: 'plan:last' })).toEqual(['committed']);
      expect((await log.head(key))?.commit.route).toBe('end');
      expect((await verifyLog(log)).holds).toBe(true);
    }), { numRuns: 60 });
  });
});
