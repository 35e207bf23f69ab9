import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import { factAnswer, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { JetStreamEventLog, findBreak } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { openFactIntake, type CloseIntake } from '../facts/fact-intake.js';
import { InputPreparer } from '../runs/input-preparer.js';
import { FakePolicy, catalog, plan, task, tool } from '../runs/processor.fixture.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { armTimer } from '../timers/timers.js';
import { BusLeaseStore } from './bus-lease-store.js';
import { describeLeaseStore } from './lease-store.suite.js';
import type { LeaseSnapshot } from './lease-store.js';
import { Ownership } from './ownership.js';

const PARTITIONS = 4;
const LONG = 60_000;
const logger = createLogger({ service: 'orchestrator', level: 'silent' });

describe('the leases on a real broker', () => {
  const brokers: TestBroker[] = [];
  const buses: Bus[] = [];

  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close(100)));
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
  }, LONG);

  describeLeaseStore(async () => {
    const broker = await startTestBroker({ partitions: PARTITIONS });
    brokers.push(broker);
    const open = async (): Promise<BusLeaseStore> => {
      const bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'leases' });
      buses.push(bus);
      return new BusLeaseStore(bus);
    };
    return { store: await open(), other: await open() };
  });
});

/** A lease store that can be held up, as a process is that does not get the processor. */
class HeldUpStore extends BusLeaseStore {
  heldUp = false;

  override async read(): Promise<LeaseSnapshot> {
    while (this.heldUp) await new Promise((resolve) => setTimeout(resolve, 20));
    return super.read();
  }
}

interface Pod {
  readonly bus: Bus;
  readonly store: HeldUpStore;
  readonly ownership: Ownership;
  readonly working: Map<number, CloseIntake>;
}

describe('two orchestrators on a real broker', () => {
  let broker: TestBroker;
  let planner: Bus;
  let gateway: Bus;
  const pods: Pod[] = [];
  let runs = 0;

  const connect = (role: 'orchestrator' | 'planner' | 'gateway' | 'tools'): Promise<Bus> => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: role });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const shares = (): number[] => pods.map((pod) => pod.working.size).sort((a, b) => a - b);

  const startPod = async (): Promise<Pod> => {
    const bus = await connect('orchestrator');
    const log = new JetStreamEventLog(bus, PARTITIONS);
    const cache = new RunCache(log);
    const budgets = new BudgetBook(new MemoryBudgetStore());
    const processor = new RunProcessor({ log, cache, preparer: new InputPreparer(catalog, new FakePolicy().ask, budgets), budgets, clock: Date.now, armTimer: (key, timerId, dueAt) => armTimer(bus, PARTITIONS, key, timerId, dueAt) });
    const store = new HeldUpStore(bus);
    const working = new Map<number, CloseIntake>();
    const ownership = new Ownership({
      member: `pod-${pods.length}-${Date.now()}`, partitions: PARTITIONS, store, monotonic: () => performance.now(), logger,
      onGained: (partition) => working.set(partition, openFactIntake({ bus, partitions: PARTITIONS, concurrency: 32, processor, logger, clock: Date.now }, partition)),
      onLost: async (partition) => {
        await working.get(partition)?.(500);
        working.delete(partition);
        cache.forgetPartition(partition);
      },
    });
    bus.serve(subjects.member(ownership.member), z.unknown(), async () => ({}));
    ownership.start();
    const pod = { bus, store, ownership, working };
    pods.push(pod);
    return pod;
  };

  const newRun = (): RunKey => ({ tenant: 'acme', runId: `shared-${(runs += 1)}` });
  const say = async (bus: Bus, key: RunKey, fact: ReturnType<typeof plan> | ReturnType<typeof tool>): Promise<string> => {
    for (;;) {
      const answer = await bus.request(subjects.fact(partitionOf(key, PARTITIONS), key, fact.kind), fact, factAnswer).catch(() => ({ status: 'unavailable' as const }));
      if (answer.status !== 'unavailable') return answer.status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  /** A whole run through whoever owns it now; facts are sent until somebody has committed them. */
  const complete = async (tools: Bus, key: RunKey): Promise<void> => {
    expect(await gateway.publish(subjects.inbox(partitionOf(key, PARTITIONS), key, 'task'), JSON.stringify(task))).toMatchObject({ status: 'stored' });
    const reader = new JetStreamEventLog(gateway, PARTITIONS);
    while ((await reader.head(key)) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    await say(planner, key, plan(1, ['pay', 'lookup']));
    await Promise.all(['c1-1', 'c1-2'].map((callId) => say(tools, key, tool(callId))));
    const history = await reader.readRun(key);
    expect(findBreak(history)).toBeUndefined();
    expect(history.flatMap(({ commit }) => commit.events).filter(({ type }) => type === 'tool-called')).toHaveLength(2);
    expect(history.at(-1)?.commit.route).toBe('plan');
  };

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: PARTITIONS });
    [planner, gateway] = [await connect('planner'), await connect('gateway')];
  }, LONG);

  afterAll(async () => {
    await Promise.all(pods.map(async (pod) => {
      pod.store.heldUp = false;
      await pod.ownership.leave();
      await pod.bus.close(100);
    }));
    await Promise.all([planner?.close(100), gateway?.close(100)]);
    await broker?.stop();
  }, LONG);

  it('share the partitions, and every run goes on through a hand-over', async () => {
    const tools = await connect('tools');
    await startPod();
    await until(() => shares()[0] === PARTITIONS);
    const traffic = Promise.all(Array.from({ length: 24 }, () => complete(tools, newRun())));
    await startPod();
    await until(() => shares().join() === '2,2');
    await traffic;
    await tools.close(100);
  }, LONG);

  it('lose nothing and fork nothing while one that was held up believes to own what the other has taken', async () => {
    const tools = await connect('tools');
    const [zombie, heir] = pods;
    if (zombie === undefined || heir === undefined) throw new Error('the specification before this one starts both');
    const before = [...zombie.working.keys()];
    zombie.store.heldUp = true;
    await until(() => heir.working.size === PARTITIONS);
    // Both work on these partitions now, and the broker deals facts to both of them.
    expect([...zombie.working.keys()]).toEqual(before);
    await Promise.all(Array.from({ length: 40 }, () => complete(tools, newRun())));
    zombie.store.heldUp = false;
    await until(() => shares().join() === '2,2');
    await tools.close(100);
  }, LONG);

  it('leave a partition to the heir when the owner drains, and when its connection is gone', async () => {
    const [first, second] = pods;
    if (first === undefined || second === undefined) throw new Error('the specifications before this one start both');
    await first.ownership.leave();
    await until(() => second.working.size === PARTITIONS);
    const third = await startPod();
    await until(() => third.working.size === 2);
    // As after SIGKILL: nobody gives anything up.
    third.store.heldUp = true;
    await third.bus.close(0);
    await until(() => second.working.size === PARTITIONS);
  }, LONG);
});
