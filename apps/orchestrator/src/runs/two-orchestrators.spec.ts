import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findBreak } from '@holdfast/event-log';
import { fold, initialState } from '@holdfast/run';
import { FakePolicy, TroubledLog, approval, control, eventsOf, key, orchestrator, plan, sentCalls, signal, task, timer, tool } from './processor.fixture.js';

/** Two orchestrators on one log, each with a cache of its own, as two processes of one installation have it. */
function pair() {
  const log = new TroubledLog();
  return { log, first: orchestrator(log), second: orchestrator(log) };
}

describe('an orchestrator that another has overtaken', () => {
  it('takes the proposal for a step that it has not seen, instead of calling it stale', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    await second.processAll(signal('seen'), plan(1, ['pay']), tool('c1-1'));
    // `first` remembers commit 1 only; a planner that heard "stale" would drop the step, and the run would stand still.
    expect(await first.processAll(plan(4, ['pay']))).toEqual(['committed']);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c4-1']);
  });

  it('does not believe a replica that is as far behind as its memory', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    const behind = await log.inner.head(key);
    await second.processAll(signal('seen'), plan(1, ['pay']), tool('c1-1'));
    log.head = async () => behind;
    expect(await first.processAll(plan(4, ['pay']))).toEqual(['committed']);
  });

  it('takes the outcome of a call that the other sent', async () => {
    const { first, second } = pair();
    await first.processAll(task);
    await second.processAll(plan(1, ['pay']));
    expect(await first.processAll(tool('c1-1'))).toEqual(['committed']);
  });

  it('takes the approval that the other asked for, instead of refusing it', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    await second.processAll(plan(1, ['wire']));
    expect(await first.processAll(approval('a-c1-1'))).toEqual(['committed']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });

  it('fires the timer that the other set, instead of taking it for fired', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    await second.processAll(plan(1, ['wire']));
    expect(await first.processAll(timer('a-c1-1'))).toEqual(['committed']);
    expect(await eventsOf(log)).toContainEqual(expect.objectContaining({ type: 'approval-answered', answer: 'expired' }));
  });

  it('sends a call once when both are given the same fact at the same moment', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    const statuses = await Promise.all([first.processAll(plan(1, ['pay', 'lookup'])), second.processAll(plan(1, ['pay', 'lookup']))]);
    expect(statuses.flat().sort()).toEqual(['committed', 'duplicate']);
    expect((await sentCalls(log)).sort()).toEqual(['c1-1', 'c1-2']);
  });

  it('gives up after so many lost races and leaves the fact to its sender', async () => {
    const { log, first, second } = pair();
    await first.processAll(task);
    let interruptions = 0;
    log.beforeAppend = async () => {
      const armed = log.beforeAppend;
      log.beforeAppend = async () => undefined;
      await second.processAll(signal(`s${(interruptions += 1)}`));
      log.beforeAppend = armed;
    };
    expect(await first.processAll(plan(1, ['pay']))).toEqual(['unavailable']);
    expect(interruptions).toBeGreaterThan(1);
    log.beforeAppend = async () => undefined;
    expect(await first.processAll(plan(1, ['pay']))).toEqual(['committed']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });
});

const facts = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.array(fc.constantFrom('lookup', 'pay', 'wire', 'burn'), { maxLength: 3 }), fc.constantFrom('x', 'y')).map(([basis, tools, id]) => plan(basis, tools, `plan:${basis}:${id}:${tools.length}`)),
  fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 })).map(([basis, index]) => tool(`c${basis}-${index}`)),
  fc.integer({ min: 1, max: 8 }).map((basis) => approval(`a-c${basis}-1`)),
  fc.constantFrom(task, signal('s1'), signal('s2'), control('pause'), control('resume'), timer('a-c1-1')),
);
const step = fc.record({ fact: facts, who: fc.integer({ min: 0, max: 1 }), both: fc.boolean(), appends: fc.option(fc.nat(2), { nil: Infinity, freq: 4 }), policyDown: fc.boolean() });

describe('two orchestrators on one log, with any interleaving of facts, broken appends and a policy that comes and goes', () => {
  it('never fork a run, send each call once and only after policy allowed it, and fold to what they remember', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const log = new TroubledLog();
      const policy = new FakePolicy();
      const [one, other] = [orchestrator(log, policy), orchestrator(log, policy)];
      await one.processAll(task);
      for (const { fact, who, both, appends, policyDown } of steps) {
        log.appendsLeft = appends;
        policy.down = policyDown;
        const chosen = both ? [one, other] : [who === 0 ? one : other];
        await Promise.all(chosen.map(({ processor }) => processor.process(key, fact).catch((error: unknown) => expect(error).toMatchObject({ retryable: true }))));
      }
      log.appendsLeft = Infinity;
      policy.down = false;
      await one.processor.recover(key);

      const history = await log.readRun(key);
      expect(findBreak(history)).toBeUndefined();
      expect(() => fold(history.map(({ commit }) => commit), initialState)).not.toThrow();
      const sent = await sentCalls(log);
      expect(new Set(sent).size).toBe(sent.length);
      const allowed = (await eventsOf(log)).flatMap((event) => (event.type === 'policy-checked' && event.verdict.outcome === 'allow' ? [event.verdict.callId] : []));
      expect(allowed).toEqual(expect.arrayContaining(sent));
    }), { numRuns: 300 });
  });
});
