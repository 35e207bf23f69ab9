import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import { HoldfastError, factAnswer, subjects, type FactOf, type RunKey } from '@holdfast/contracts';
import { JetStreamEventLog, verifyRun } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { InputPreparer } from '../runs/input-preparer.js';
import { FakePolicy, catalog, plan, signal, task, tool } from '../runs/processor.fixture.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { armTimer } from '../timers/timers.js';
import { openFactIntake } from './fact-intake.js';

const LONG = 60_000;

describe('facts near the size of a message, on a real broker', () => {
  let broker: TestBroker;
  let log: JetStreamEventLog;
  let [planner, adapter, gateway]: Bus[] = [];
  const buses: Bus[] = [];
  const connect = async (role: 'orchestrator' | 'planner' | 'tools' | 'gateway'): Promise<Bus> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: role });
    buses.push(bus);
    return bus;
  };

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: 1 });
    const bus = await connect('orchestrator');
    [planner, adapter, gateway] = [await connect('planner'), await connect('tools'), await connect('gateway')];
    log = new JetStreamEventLog(bus, 1);
    const budgets = new BudgetBook(new MemoryBudgetStore());
    const processor = new RunProcessor({ log, cache: new RunCache(log), preparer: new InputPreparer(catalog, new FakePolicy().ask, budgets), budgets, clock: Date.now, armTimer: (key, timerId, dueAt) => armTimer(bus, 1, key, timerId, dueAt) });
    openFactIntake({ bus, partitions: 1, concurrency: 16, processor, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: Date.now }, 0);
  }, LONG);

  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close(100)));
    await broker?.stop();
  }, LONG);

  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const begin = async (runId: string): Promise<RunKey> => {
    const key = { tenant: 'acme', runId };
    await gateway?.publish(subjects.inbox(0, key, 'task'), JSON.stringify(task));
    await until(async () => (await patiently(() => log.head(key))) !== undefined);
    return key;
  };
  /** A read that the broker does not answer in time may be asked again, as every service does; a megabyte on a busy disk takes its time. */
  const patiently = async <T>(read: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof HoldfastError) || !error.retryable || tries === 5) throw error;
      }
    }
  };
  const tell = (bus: Bus | undefined, key: RunKey, fact: FactOf<'plan'> | FactOf<'tool'>) => bus?.request(subjects.fact(0, key, fact.kind), fact, factAnswer, { timeoutMs: 10_000 });

  it.each([100_000, 400_000, 600_000, 1_000_000])('an outcome of %i bytes is committed whole', async (bytes) => {
    const key = await begin(`outcome-${bytes}`);
    await tell(planner, key, plan(1, ['pay']));
    const note = 'x'.repeat(bytes);
    expect(await tell(adapter, key, tool('c1-1', { status: 'succeeded', result: { note }, replayed: false, attempts: [] }))).toMatchObject({ status: 'committed' });
    const head = await patiently(() => log.head(key));
    expect(head?.commit).toMatchObject({ route: 'plan', events: expect.arrayContaining([expect.objectContaining({ type: 'observation-recorded', content: { note } })]) });
    expect(await patiently(() => verifyRun(log, key))).toMatchObject({ holds: true });
  }, LONG);

  it.each([100_000, 600_000, 1_000_000])('a proposal with arguments of %i bytes is decided and its call sent', async (bytes) => {
    const key = await begin(`proposal-${bytes}`);
    const fact = plan(1, ['pay']);
    expect(await tell(planner, key, { ...fact, proposal: { ...fact.proposal, requests: [{ requestId: 'r0', tool: 'pay', arguments: { invoice: 7, note: 'x'.repeat(bytes) } }] } })).toMatchObject({ status: 'committed' });
    expect((await patiently(() => log.head(key)))?.commit.route).toBe('call.default');
  }, LONG);

  it('a signal of 1,000,000 bytes is committed, and the run can be read', async () => {
    const key = await begin('signal');
    expect(await gateway?.publish(subjects.inbox(0, key, 'signal'), JSON.stringify({ ...signal('s'), payload: 'x'.repeat(1_000_000) }))).toMatchObject({ status: 'stored' });
    await until(async () => ((await patiently(() => log.head(key)))?.commit.number ?? 0) >= 2);
    expect(await log.readRun(key)).toHaveLength(2);
  }, LONG);

  it('a fact that no message can carry is refused at its sender, for good', async () => {
    await expect(tell(adapter, { tenant: 'acme', runId: 'x' }, tool('c1-1', { status: 'succeeded', result: 'x'.repeat(1_100_000), replayed: false, attempts: [] }))).rejects.toMatchObject({ code: 'bus.rejected', retryable: false, remedy: expect.stringContaining('size') });
  });
});
