import { describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { DataKeys, MasterKeys, MemoryDataKeyStore, newMasterKey } from '@holdfast/data-keys';
import { InMemoryEventLog } from '@holdfast/event-log';
import { HoldfastError, type FactOf, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { InputPreparer } from '../runs/input-preparer.js';
import { FakePolicy, TroubledLog, catalog, plan, task } from '../runs/processor.fixture.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { earlierReader } from './earlier-runs.js';
import { MemoryThreadRuns } from './memory-thread-runs.js';
import { describeThreadRuns } from './thread-runs.suite.js';

describeThreadRuns('the twin of the stream THREADS', () => new MemoryThreadRuns());

const inThread = (goal: string, requester = 'ada'): FactOf<'task'> => ({ ...task, id: `task:${goal}`, requester, event: { ...task.event, id: goal, thread: 't1', data: { goal } } });

function orchestrator(threads = new MemoryThreadRuns(), erasures = new Map<string, number>()) {
  const store = new MemoryDataKeyStore();
  const dataKeys = new DataKeys(store, MasterKeys.parse(newMasterKey()));
  const log = new TroubledLog(new InMemoryEventLog(2, undefined, undefined, dataKeys));
  const budgets = new BudgetBook(new MemoryBudgetStore());
  const preparer = new InputPreparer(catalog, new FakePolicy().ask, budgets, undefined, earlierReader(log, threads, async (tenant, dataSubject) => {
    const at = erasures.get(`${tenant}/${dataSubject}`);
    return at === undefined ? undefined : { at, sequence: await store.generationOf(tenant, dataSubject) };
  }));
  const processor = new RunProcessor({ log, cache: new RunCache(log), preparer, budgets, armTimer: async () => undefined, joinThread: (key, thread, dataSubject) => threads.join(key, thread, dataSubject), dataKeys, clock: () => 1_000 });
  const run = (tenant: string, runId: string, fact: FactOf<'task' | 'plan'>) => processor.process({ tenant, runId }, fact);
  const events = async (runId: string, tenant = 'acme'): Promise<readonly RunEvent[]> => (await log.readRun({ tenant, runId })).flatMap(({ commit }) => commit.events);
  const read = async (runId: string, tenant = 'acme'): Promise<RunEventOf<'thread-read'> | undefined> => (await events(runId, tenant)).find((event) => event.type === 'thread-read');
  return { log, threads, store, dataKeys, run, events, read };
}

describe('a task in a thread', () => {
  it('begins a run whose log says what the logs of the runs before it had said', async () => {
    const { log, run, read } = orchestrator();
    await run('acme', 'r1', inThread('Look at invoice 7.'));
    await run('acme', 'r1', plan(1, []));
    await run('acme', 'r2', inThread('Now pay it.'));
    const last = (await log.readRun({ tenant: 'acme', runId: 'r1' })).at(-1)?.commit;
    expect(await read('r2')).toEqual({
      type: 'thread-read', thread: 't1', omitted: 0,
      turns: [{
        run: { runId: 'r1', number: 2, hash: last?.hash }, requester: 'ada', status: 'completed',
        goal: { text: 'Look at invoice 7.', label: { trust: 'user', secrecy: 'internal', source: 'thread t1 run r1 goal' } },
        answer: { text: 'done', label: { trust: 'model', secrecy: 'internal', source: 'thread t1 run r1 answer' } },
      }],
    });
  });

  it('sees nothing of the same thread of another tenant', async () => {
    const { run, read } = orchestrator();
    await run('rival', 'r1', inThread('Look at invoice 7.'));
    await run('acme', 'r2', inThread('Now pay it.'));
    expect(await read('r2')).toBeUndefined();
  });

  it('is noted before its run begins, so that no crash loses it; a run that never began is passed over', async () => {
    const { log, threads, run, read } = orchestrator();
    log.appendsLeft = 0;
    expect(await run('acme', 'r1', inThread('Look at invoice 7.'))).toMatchObject({ status: 'unavailable' });
    expect(await threads.of('acme', 't1')).toEqual([{ runId: 'r1' }]);
    log.appendsLeft = Infinity;
    await run('acme', 'r2', inThread('Now pay it.'));
    expect(await read('r2')).toBeUndefined();
    // The task comes again, and its run reads what has begun meanwhile.
    await run('acme', 'r1', inThread('Look at invoice 7.'));
    expect((await read('r1'))?.turns.map(({ run: { runId } }) => runId)).toEqual(['r2']);
  });

  it('does not begin while it cannot be noted, and is the same run when it comes again', async () => {
    const threads = new MemoryThreadRuns();
    const join = threads.join.bind(threads);
    threads.join = async () => { throw new HoldfastError({ code: 'thread.unavailable', message: 'No.', retryable: true, remedy: 'Wait.' }); };
    const { run, events } = orchestrator(threads);
    await expect(run('acme', 'r1', inThread('Look.'))).rejects.toMatchObject({ code: 'thread.unavailable', retryable: true });
    expect(await events('r1')).toEqual([]);
    threads.join = join;
    expect(await run('acme', 'r1', inThread('Look.'))).toMatchObject({ status: 'committed' });
    expect(await run('acme', 'r1', inThread('Look.'))).toMatchObject({ status: 'duplicate' });
  });

  it('reads nothing of a data subject that was erased, nor what was begun after it and may repeat it', async () => {
    const erasures = new Map<string, number>();
    const { run, read } = orchestrator(undefined, erasures);
    const about = (goal: string): FactOf<'task'> => ({ ...inThread(goal), event: { ...inThread(goal).event, datasubject: 'customer-7' } });
    await run('acme', 'r0', inThread('Before.'));
    await run('acme', 'r1', about('Ada lives in Lisbon.'));
    await run('acme', 'r2', inThread('Where does she live?'));
    erasures.set('acme/customer-7', 1_000);
    await run('acme', 'r3', inThread('And now?'));
    expect(await read('r3')).toMatchObject({ omitted: 2, turns: [{ run: { runId: 'r0' } }] });
    for (let at = 0; at < 40; at += 1) await run('acme', `more-${at}`, inThread(`More ${at}.`));
    await run('acme', 'r5', inThread('And long after?'));
    // What was erased is not among the latest runs any more; they were begun before it all the same.
    expect(await read('r5')).toBeUndefined();
    erasures.set('acme/customer-7', 999);
    await run('acme', 'r4', inThread('And before they began?'));
    expect((await read('r4'))?.turns).toHaveLength(16);
  });

  it('is about whom the conversation is about, and holds it under their key', async () => {
    const { run, read, events, log, threads } = orchestrator();
    await run('acme', 'r0', inThread('Before.'));
    await run('acme', 'r1', { ...inThread('Ada lives in Lisbon.'), event: { ...inThread('Ada lives in Lisbon.').event, datasubject: 'customer-7' } });
    expect(await run('acme', 'r2', inThread('Where does she live?'))).toMatchObject({ status: 'committed' });
    expect((await read('r2'))?.turns.map(({ run: { runId } }) => runId)).toEqual(['r0', 'r1']);
    expect((await events('r2'))[0]).toMatchObject({ task: { dataSubject: 'customer-7' } });
    expect((await log.readRun({ tenant: 'acme', runId: 'r2' }))[0]?.commit.encryption?.key.dataSubject).toBe('customer-7');
    expect(await threads.of('acme', 't1')).toContainEqual({ runId: 'r2', dataSubject: 'customer-7' });
    expect(await run('acme', 'r2', inThread('Where does she live?'))).toMatchObject({ status: 'duplicate' });
  });

  it('about somebody else is not shown turns that it could not hold under its own key', async () => {
    const { run, read } = orchestrator();
    await run('acme', 'r0', inThread('Before.'));
    await run('acme', 'r1', { ...inThread('Ada lives in Lisbon.'), event: { ...inThread('Ada lives in Lisbon.').event, datasubject: 'customer-7' } });
    await run('acme', 'r2', { ...inThread('Bob?'), event: { ...inThread('Bob?').event, datasubject: 'customer-8' } });
    expect(await read('r2')).toMatchObject({ omitted: 1, turns: [{ run: { runId: 'r0' } }] });
  });

  it('after what was said of somebody was erased from the log, is neither shown it nor what may repeat it', async () => {
    const erasures = new Map<string, number>();
    const { run, read, dataKeys } = orchestrator(undefined, erasures);
    await run('acme', 'r0', inThread('Before.'));
    await run('acme', 'r1', { ...inThread('Ada lives in Lisbon.'), event: { ...inThread('Ada lives in Lisbon.').event, datasubject: 'customer-7' } });
    await run('acme', 'r2', { ...inThread('Bob?'), event: { ...inThread('Bob?').event, datasubject: 'customer-8' } });
    erasures.set('acme/customer-7', 1_000);
    await dataKeys.eraseBefore('acme', 'customer-7', 1);
    await run('acme', 'r3', inThread('And now?'));
    expect(await read('r3')).toMatchObject({ omitted: 2, turns: [{ run: { runId: 'r0' } }] });
  });

  it('reads its thread again when somebody was ordered to be erased between reading and beginning', async () => {
    const erasures = new Map<string, number>();
    const { run, read, store, log } = orchestrator(undefined, erasures);
    await run('acme', 'r0', inThread('Before.'));
    await run('acme', 'r1', { ...inThread('Ada lives in Lisbon.'), event: { ...inThread('Ada lives in Lisbon.').event, datasubject: 'customer-7' } });
    const generationOf = store.generationOf.bind(store);
    store.generationOf = async (tenant, dataSubject) => {
      // The order comes just now.
      if (!erasures.has('acme/customer-7')) {
        store.order('acme', 'customer-7');
        erasures.set('acme/customer-7', 1_000);
      }
      return generationOf(tenant, dataSubject);
    };
    expect(await run('acme', 'r2', inThread('Where does she live?'))).toMatchObject({ status: 'committed' });
    expect(JSON.stringify(await log.readRun({ tenant: 'acme', runId: 'r2' }))).not.toContain('Lisbon');
    expect((await read('r2'))?.turns.map(({ run: { runId } }) => runId)).toEqual(['r0']);
  });

  it('is believed of no entry alone: what is not of the thread by its own log is not shown', async () => {
    const { threads, run, read } = orchestrator();
    await run('acme', 'r1', task);
    await threads.join({ tenant: 'acme', runId: 'r1' }, 't1');
    await run('acme', 'r2', inThread('Now pay it.'));
    expect(await read('r2')).toBeUndefined();
  });
});
