import { describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore, type BudgetStore } from '@holdfast/budgets';
import { InMemoryEventLog } from '@holdfast/event-log';
import type { BudgetDraw, FactOf, RunKey, ToolOutcome } from '@holdfast/contracts';
import { FakePolicy, TroubledLog, eventsOf, key, orchestrator, plan, sentCalls, task, tool } from './processor.fixture.js';
import { RunCache } from './run-cache.js';

const draw = (more: Partial<BudgetDraw>): BudgetDraw => ({ limit: 'daily', holder: 'user otto', account: 'a'.repeat(64), windowSeconds: 86_400, ...more });
const failed: ToolOutcome = { status: 'failed', attempts: [], failure: { code: 'tool.down', message: 'It is down.', retryable: false, remedy: 'Wait.' } };
const lost: ToolOutcome = { status: 'in-doubt', attempts: [], failure: { code: 'tool.in-doubt', message: 'Lost.', retryable: false, remedy: 'Look.' } };
const other: RunKey = { tenant: 'acme', runId: 'run-2' };

function installation(draws: readonly BudgetDraw[], store: BudgetStore = new MemoryBudgetStore()) {
  const log = new TroubledLog(new InMemoryEventLog(2));
  const policy = new FakePolicy();
  policy.draws = draws;
  /** Another process has another memory, and the same log and broker. */
  const start = () => orchestrator(log, policy, undefined, new RunCache(log), new BudgetBook(store));
  /** Whether another run would still get one call. */
  const hasRoom = async (): Promise<boolean> => {
    const { processor } = start();
    await processor.process(other, { ...task, id: 'task:2' });
    await processor.process(other, plan(1, ['pay'], 'plan:other'));
    return (await log.readRun(other)).flatMap(({ commit }) => commit.events).some(({ type }) => type === 'tool-called');
  };
  return { log, policy, start, hasRoom };
}

describe('a budget that runs share', () => {
  it('lets the calls through for which there is enough, and refuses the others with what is left', async () => {
    const { log, start, hasRoom } = installation([draw({ maxCalls: 2 })]);
    await start().processAll(task, plan(1, ['lookup', 'pay', 'pay']));

    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2']);
    expect(await eventsOf(log)).toContainEqual({ type: 'call-refused', callId: 'c1-3', tool: 'pay', reasons: ['It takes 1 call, and of the 2 of the budget "daily" (user otto) 2 are taken until the day (UTC) ends.'] });
    expect(await hasRoom()).toBe(false);
  });

  it('is not touched by a call that policy, or the run itself, refuses', async () => {
    const { start, hasRoom } = installation([draw({ maxCalls: 1 })]);
    await start().processAll(task, plan(1, ['burn', 'wire']));

    expect(await hasRoom()).toBe(true);
  });

  it('takes nothing from one budget where another has not enough', async () => {
    const wide = draw({ maxCalls: 1 });
    const { policy, start, hasRoom } = installation([wide, draw({ limit: 'none', account: 'b'.repeat(64), maxCalls: 0 })]);
    await start().processAll(task, plan(1, ['pay']));

    policy.draws = [wide];
    expect(await hasRoom()).toBe(true);
  });

  it('gets back what a call took that did nothing, and not what is in doubt or was done', async () => {
    for (const [outcome, expected] of [[failed, true], [lost, false], [undefined, false]] as const) {
      const { start, hasRoom } = installation([draw({ maxCalls: 1 })]);
      await start().processAll(task, plan(1, ['pay']), tool('c1-1', outcome));
      expect(await hasRoom()).toBe(expected);
    }
  });

  it('gets it back also where who wrote the outcome died before', async () => {
    const inner = new MemoryBudgetStore();
    let dead = false;
    const { log, start, hasRoom } = installation([draw({ maxCalls: 1 })], { readAfter: (...args) => inner.readAfter(...args), append: async (subject, entry, expected) => (dead ? { status: 'unknown', reason: 'the process died' } : inner.append(subject, entry, expected)) });
    const first = start();
    await first.processAll(task, plan(1, ['lookup', 'pay']));
    dead = true;
    await expect(first.processor.process(key, { ...tool('c1-1', failed), dispatch: 2 })).rejects.toMatchObject({ code: 'budget.unavailable', retryable: true });
    expect((await eventsOf(log)).some((event) => event.type === 'tool-returned')).toBe(true);

    dead = false;
    expect(await start().processAll({ ...tool('c1-1', failed), dispatch: 2 })).toEqual(['duplicate']);
    expect(await hasRoom()).toBe(true);
  });

  it('takes once, though the process that took it died before the commit and another decides again', async () => {
    const { log, start, hasRoom } = installation([draw({ maxCalls: 1 })]);
    const first = start();
    await first.processAll(task);
    log.appendsLeft = 0;
    expect(await first.processAll(plan(1, ['pay']))).toEqual(['unavailable']);
    log.appendsLeft = Infinity;

    expect(await start().processAll(plan(1, ['pay']))).toEqual(['committed']);
    expect(await sentCalls(log)).toEqual(['c1-1']);
    expect(await hasRoom()).toBe(false);
  });

  it('lets nothing through while nobody can say what is left', async () => {
    const { log, start } = installation([draw({ maxCalls: 1 })], { readAfter: async () => [], append: async () => ({ status: 'unknown', reason: 'no answer' }) });
    const { processor, processAll } = start();
    await processAll(task);

    await expect(processor.process(key, plan(1, ['pay']))).rejects.toMatchObject({ code: 'budget.unavailable', retryable: true });
    expect((await eventsOf(log)).map(({ type }) => type)).toEqual(['task-accepted', 'timer-set']);
  });

  it('of tokens is charged with what the model used, and ends the run that goes beyond it', async () => {
    const { log, policy, start } = installation([]);
    policy.tokenDraws = [draw({ maxTokens: 3 })];
    const run = start();
    await run.processAll(task, plan(1, ['lookup']), tool('c1-1'));
    const using: FactOf<'plan'> = plan(3, ['pay']);
    expect(await run.processAll(using)).toEqual(['committed']);

    expect((await eventsOf(log)).at(-1)).toMatchObject({ type: 'run-ended', status: 'failed', reason: 'It takes 2 tokens, and of the 3 of the budget "daily" (user otto) 2 are taken until the day (UTC) ends.' });
    expect(await sentCalls(log)).toEqual(['c1-1']);
  });
});
