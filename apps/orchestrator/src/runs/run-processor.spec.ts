import { describe, expect, it } from '@jest/globals';
import { HoldfastError, type RecordedCommit, type ToolOutcome } from '@holdfast/contracts';
import { FakePolicy, TroubledLog, approval, control, eventsOf, key, orchestrator, plan, sentCalls, signal, task, timer, tool } from './processor.fixture.js';

/** What policy is handed: the commits from the last decision on. */
const fromDecision = async (log: TroubledLog): Promise<readonly RecordedCommit[]> => {
  const history = await log.readRun(key);
  const decided = history.findLastIndex(({ commit }) => commit.events.some((event) => event.type === 'decision-made'));
  return history.slice(decided, history.findLastIndex(({ commit }) => commit.cause.kind === 'approval') + 1);
};
const routes = async (log: TroubledLog): Promise<string[]> => (await log.readRun(key)).map(({ commit }) => commit.route);

describe('a run\'s facts', () => {
  it('are folded one after another until the run ends', async () => {
    const log = new TroubledLog();
    const { processor } = orchestrator(log);

    expect(await processor.process(key, task)).toMatchObject({ status: 'committed', number: 1 });
    expect(await processor.process(key, plan(1, ['lookup', 'pay', 'burn']))).toMatchObject({ status: 'committed', number: 3 });
    expect(await processor.process(key, tool('c1-2'))).toMatchObject({ status: 'committed', number: 4 });
    expect(await processor.process(key, tool('c1-1'))).toMatchObject({ status: 'committed', number: 5 });
    expect(await processor.process(key, plan(5, []))).toMatchObject({ status: 'committed', number: 6 });
    expect(await routes(log)).toEqual(['plan', 'call.default', 'call.default', 'wait', 'plan', 'end']);
    expect(await eventsOf(log)).toContainEqual({ type: 'call-refused', callId: 'c1-3', tool: 'burn', reasons: ['It is deny.'] });
  });

  it('name the commit that they answer, and outcomes carry the labels of the tool\'s contract', async () => {
    const log = new TroubledLog();
    await orchestrator(log).processAll(task, plan(1, ['lookup', 'pay']), tool('c1-1'));
    const [first, , second, last] = (await log.readRun(key)).map(({ commit }) => commit);

    expect(second?.parent).toBe(first?.hash);
    expect(last?.parent).toBe((await log.readRun(key))[1]?.commit.hash);
    expect(last?.events[1]).toEqual({
      type: 'observation-recorded', callId: 'c1-1', content: { note: 'fine' }, label: { trust: 'organisation', secrecy: 'internal', source: 'tool:lookup' },
      fields: { note: { trust: 'third-party', secrecy: 'internal', source: 'tool:lookup#note' } },
    });
  });

  it('bring a result that a person gave under the contract\'s labels, but never as a value that a record endorses', async () => {
    const log = new TroubledLog();
    const lost: ToolOutcome = { status: 'in-doubt', attempts: [], failure: { code: 'tool.in-doubt', message: 'Lost.', retryable: false, remedy: 'Look.' } };
    const told = { ...tool('c1-1'), id: 'told', dispatch: 4 };
    await orchestrator(log).processAll(task, plan(1, ['book']), tool('c1-1', lost), { kind: 'resolution', id: 'word', callId: 'c1-1', resolution: 'happened', result: { note: 'fine' }, by: 'ada', comment: '' }, told);

    expect((await eventsOf(log)).at(-1)).toEqual({
      type: 'observation-recorded', callId: 'c1-1', content: { note: 'fine' }, label: { trust: 'organisation', secrecy: 'internal', source: 'tool:book by ada' },
      fields: { note: { trust: 'third-party', secrecy: 'internal', source: 'tool:book by ada#note' } },
    });
  });

  it('let a call be tried again, or made after a quarantine: policy is asked afresh and the call is sent at once', async () => {
    const log = new TroubledLog();
    const lost: ToolOutcome = { status: 'in-doubt', attempts: [], failure: { code: 'tool.in-doubt', message: 'Lost.', retryable: false, remedy: 'Look.' } };
    const free: ToolOutcome = { status: 'failed', attempts: [], failure: { code: 'tool.may-be-retried', message: 'Free.', retryable: true, remedy: 'Call.' } };
    const { processAll } = orchestrator(log);
    await processAll(task, plan(1, ['pay']), tool('c1-1', lost), { kind: 'resolution', id: 'word', callId: 'c1-1', resolution: 'retry', by: 'ada', comment: '' }, { ...tool('c1-1', free), id: 'told', dispatch: 4 });
    await processAll({ kind: 'parked', id: 'held', callId: 'c1-1', dispatch: 6, reason: 'narrowed', quarantine: 17 }, { kind: 'release', id: 'free', callId: 'c1-1', quarantine: 17, by: 'ada', reason: '' }, { ...tool('c1-1'), id: 'done', dispatch: 9 });

    expect(await routes(log)).toEqual(['plan', 'call.default', 'wait', 'call.default', 'wait', 'call.default', 'wait', 'wait', 'call.default', 'plan']);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-1', 'c1-1']);
  });

  it('that come twice, late or in the wrong order change nothing', async () => {
    const log = new TroubledLog();
    const { processAll } = orchestrator(log);

    expect(await processAll(tool('c1-1'), plan(1, ['pay']), timer('deadline'), approval('a-c1-1'), signal('early'))).toEqual(['stale', 'stale', 'stale', 'refused', 'refused']);
    expect(await processAll(task, task, plan(2, ['pay']), plan(1, ['pay']), plan(1, ['pay']), plan(1, ['lookup'], 'rival'), tool('c1-1'), tool('c1-1'), tool('c9-1'))).toEqual(['committed', 'duplicate', 'stale', 'committed', 'duplicate', 'stale', 'committed', 'duplicate', 'stale']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
    expect(await routes(log)).toHaveLength(3);
  });

  it('of one run that come at the same moment are taken one at a time, in order', async () => {
    const log = new TroubledLog();
    const { processor } = orchestrator(log);
    const results = await Promise.all([task, signal('a'), plan(1, ['pay']), signal('b'), tool('c1-1'), signal('c')].map((fact) => processor.process(key, fact)));

    expect(results.map((result) => result.status)).toEqual(Array.from({ length: 6 }, () => 'committed'));
    // Nobody raced for a place, so nothing was lost.
    expect(log.happened.every((line) => line.startsWith('appended'))).toBe(true);
  });

  it('of a task that no agent takes are refused with a reason', async () => {
    const log = new TroubledLog();
    expect(await orchestrator(log).processor.process(key, { ...task, event: { ...task.event, type: 'unheard-of' } })).toEqual({ status: 'refused', code: 'task.no-agent', reason: 'no agent takes tasks of type "unheard-of"' });
    expect(log.happened).toEqual([]);
  });
});

describe('timers', () => {
  it('are armed before the commit that sets them', async () => {
    const log = new TroubledLog();
    const { processAll } = orchestrator(log, new FakePolicy(), async (_, timerId, dueAt) => void log.happened.push(`armed ${timerId} ${dueAt}`));
    await processAll(task, plan(1, ['wire', 'pay']));

    const due = (await eventsOf(log)).flatMap((event) => (event.type === 'timer-set' ? [`armed ${event.timerId} ${event.dueAt}`] : []));
    expect(log.happened).toEqual([due[0], 'appended plan', due[1], 'appended call.default']);
  });

  it('that cannot be armed keep their commit out of the log, and the fact is taken when they can', async () => {
    const log = new TroubledLog();
    let broken = true;
    const { processor } = orchestrator(log, new FakePolicy(), async () => {
      if (broken) throw new HoldfastError({ code: 'timer.unavailable', message: 'No.', retryable: true, remedy: 'Wait.' });
    });
    await expect(processor.process(key, task)).rejects.toMatchObject({ code: 'timer.unavailable' });
    expect(log.happened).toEqual([]);
    broken = false;
    expect(await processor.process(key, task)).toMatchObject({ status: 'committed', number: 1 });
  });
});

describe('an approval', () => {
  it('is handed to policy with the one call that it is for, and that call is sent', async () => {
    const log = new TroubledLog();
    const { processAll, policy } = orchestrator(log);
    expect(await processAll(task, plan(1, ['wire', 'wire']))).toEqual(['committed', 'committed']);
    expect(await sentCalls(log)).toEqual([]);
    expect(policy.asked.every((request) => request.approval === undefined)).toBe(true);

    expect(await processAll(approval('a-c1-2'))).toEqual(['committed']);
    const grant = (await log.readRun(key)).find(({ commit }) => commit.cause.kind === 'approval')?.commit;
    expect(policy.asked.at(-1)).toEqual({
      tenant: 'acme', runId: 'run-1', head: grant?.number, tail: await fromDecision(log), calls: [expect.objectContaining({ callId: 'c1-2', tool: 'wire', arguments: { invoice: 7 } })],
      contracts: { wire: 'd'.repeat(64) }, approval: { approvalId: 'a-c1-2', by: 'ada', at: grant?.at },
    });
    expect(await sentCalls(log)).toEqual(['c1-2']);
  });

  it('that was given while policy was down is acted upon when the fact comes again', async () => {
    const log = new TroubledLog();
    const { processor, processAll, policy } = orchestrator(log);
    await processAll(task, plan(1, ['wire']));
    policy.down = true;
    await expect(processor.process(key, approval('a-c1-1'))).rejects.toMatchObject({ code: 'policy.unavailable', retryable: true });
    expect(await sentCalls(log)).toEqual([]);

    policy.down = false;
    expect(await processAll(approval('a-c1-1'))).toEqual(['duplicate']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });

  it('that is rejected sends nothing', async () => {
    const log = new TroubledLog();
    await orchestrator(log).processAll(task, plan(1, ['wire']), approval('a-c1-1', 'rejected'));
    expect(await sentCalls(log)).toEqual([]);
    expect((await routes(log)).at(-1)).toBe('plan');
  });
});

describe('when policy is down', () => {
  it('nothing is decided and nothing sent; the same proposal is taken when it is back', async () => {
    const log = new TroubledLog();
    const { processor, processAll, policy } = orchestrator(log);
    await processAll(task);
    policy.down = true;
    expect(await processor.process(key, plan(1, ['pay']))).toEqual({ status: 'unavailable', reason: expect.stringContaining('policy did not answer') });
    expect(await routes(log)).toEqual(['plan']);

    policy.down = false;
    expect(await processAll(plan(1, ['pay']))).toEqual(['committed']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });

  it('or says nothing of a call, that call is denied', async () => {
    const log = new TroubledLog();
    const policy = new FakePolicy();
    const silent = Object.assign(policy, { ask: async () => ({ verdicts: [] }) });
    await orchestrator(log, silent).processAll(task, plan(1, ['pay']));
    expect(await eventsOf(log)).toContainEqual(expect.objectContaining({ type: 'call-refused', callId: 'c1-1', reasons: ['policy gave no verdict for this call'] }));
  });

  it('facts that need no judgement are folded all the same', async () => {
    const log = new TroubledLog();
    const { processAll, policy } = orchestrator(log);
    policy.down = true;
    expect(await processAll(task, signal('news'), control('cancel'))).toEqual(['committed', 'committed', 'committed']);
  });
});

describe('when the log is down', () => {
  it('a fact stays unprocessed and may come again', async () => {
    const log = new TroubledLog();
    const { processor, processAll } = orchestrator(log);
    log.appendsLeft = 0;
    expect(await processor.process(key, task)).toEqual({ status: 'unavailable', reason: 'the broker did not answer' });
    log.appendsLeft = Infinity;
    expect(await processAll(task)).toEqual(['committed']);
  });

  it.each([1, 2])('after %i of three commits of one decision, the same fact sent again brings out the rest, once', async (written) => {
    const log = new TroubledLog();
    const { processAll } = orchestrator(log);
    await processAll(task);
    log.appendsLeft = written;
    expect(await processAll(plan(1, ['lookup', 'pay', 'lookup']))).toEqual(['unavailable']);
    expect(await sentCalls(log)).toHaveLength(written);

    log.appendsLeft = Infinity;
    expect(await processAll(plan(1, ['lookup', 'pay', 'lookup']))).toEqual(['duplicate']);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2', 'c1-3']);
  });
});
