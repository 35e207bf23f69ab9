import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import { JetStreamEventLog } from '@holdfast/event-log';
import { ownerConsumers, partitionOf, subjects, timersStream, type RunKey } from '@holdfast/contracts';
import { createLogger } from '@holdfast/observability';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { openFactIntake } from '../facts/fact-intake.js';
import { FakePolicy, catalog, task } from '../runs/processor.fixture.js';
import { InputPreparer } from '../runs/input-preparer.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { armTimer, cancelTimer } from './timers.js';

const PARTITIONS = 2;
const LONG = 30_000;

interface Due {
  readonly subject: string;
  readonly timerId: string;
  readonly dueAt: number;
  readonly arrivedAt: number;
}

let broker: TestBroker;
let bus: Bus;
const due: Due[] = [];
const handled = new Set<(arrived: Due) => void>();
let runs = 0;
const nextRun = (): RunKey => ({ tenant: 'acme', runId: `timed-${(runs += 1)}` });

const connect = (role: 'orchestrator' | 'gateway'): Promise<Bus> => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-${role}` });

/** Works on the due timers as the orchestrator does: through its partitions' consumers. */
function workOnTimers(on: Bus): void {
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    on.work({
      consumer: ownerConsumers(partition).timers, concurrency: 16, onError: () => undefined, onMissing: () => undefined,
      handle: async (message) => {
        const body = JSON.parse(new TextDecoder().decode(message.data)) as { timerId: string; dueAt: number };
        const arrived = { ...body, subject: message.subject, arrivedAt: Date.now() };
        due.push(arrived);
        for (const tell of handled) tell(arrived);
        return 'done';
      },
    });
  }
}

/** What the streams of timers hold. */
async function stored() {
  return (await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => bus.getBatch(timersStream(partition), 1, 1_000)))).flat();
}

/** Until everything that is due has been acknowledged, and so has left the stream. */
async function settle(): Promise<void> {
  while ((await stored()).some(({ subject }) => subject.startsWith('timer.due.'))) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function arrivalOf(key: RunKey, timerId: string): Promise<Due> {
  const subject = subjects.timerDue(partitionOf(key, PARTITIONS), key, timerId);
  const known = due.find((one) => one.subject === subject);
  return known ?? new Promise((resolve) => {
    const tell = (arrived: Due): void => {
      if (arrived.subject !== subject) return;
      handled.delete(tell);
      resolve(arrived);
    };
    handled.add(tell);
  });
}

describe('timers on a real broker', () => {
  beforeAll(async () => {
    broker = await startTestBroker({ partitions: PARTITIONS });
    bus = await connect('orchestrator');
    workOnTimers(bus);
  }, LONG);

  afterEach(() => {
    due.length = 0;
    handled.clear();
  });

  afterAll(async () => {
    await bus?.close();
    await broker?.stop();
  }, LONG);

  it('arrive on their due subject, not before their instant', async () => {
    const key = nextRun();
    const dueAt = Date.now() + 1_200;
    await armTimer(bus, PARTITIONS, key, 'deadline', dueAt);
    const arrived = await arrivalOf(key, 'deadline');

    expect(arrived).toMatchObject({ timerId: 'deadline', dueAt });
    expect(arrived.arrivedAt).toBeGreaterThanOrEqual(dueAt);
  }, LONG);

  it('whose instant has passed arrive at once', async () => {
    const key = nextRun();
    await armTimer(bus, PARTITIONS, key, 'deadline', 1_000);
    expect(await arrivalOf(key, 'deadline')).toMatchObject({ timerId: 'deadline', dueAt: 1_000 });
  }, LONG);

  it('that are armed again fire once, at the later word', async () => {
    const key = nextRun();
    const [first, second] = [Date.now() + 1_200, Date.now() + 2_200];
    await armTimer(bus, PARTITIONS, key, 'a-c1-1', first);
    await armTimer(bus, PARTITIONS, key, 'a-c1-1', second);
    expect(await arrivalOf(key, 'a-c1-1')).toMatchObject({ dueAt: second });
    // A later timer that has arrived proves that the replaced one had its chance.
    const marker = nextRun();
    await armTimer(bus, PARTITIONS, marker, 'marker', Date.now() + 300);
    await arrivalOf(marker, 'marker');
    expect(due.filter((one) => one.timerId === 'a-c1-1').map((one) => one.dueAt)).toEqual([second]);
  }, LONG);

  it.each([Date.UTC(2261, 5, 1), Date.UTC(9999, 5, 1), Number.MAX_SAFE_INTEGER])('that are due at %i, which is never, are accepted and do not fire', async (dueAt) => {
    const never = nextRun();
    await armTimer(bus, PARTITIONS, never, 'deadline', dueAt);
    const marker = nextRun();
    await armTimer(bus, PARTITIONS, marker, 'marker', Date.now() + 300);
    await arrivalOf(marker, 'marker');
    expect(due.map((one) => one.timerId)).toEqual(['marker']);
  }, LONG);

  it('that are cancelled do not fire, and nothing of them stays', async () => {
    const [cancelled, kept] = [nextRun(), nextRun()];
    const dueAt = Date.now() + 1_000;
    for (const key of [cancelled, kept]) await armTimer(bus, PARTITIONS, key, 'deadline', dueAt);
    expect(await cancelTimer(bus, PARTITIONS, cancelled, 'deadline', dueAt)).toBe(true);
    // Twice is as good as once.
    expect(await cancelTimer(bus, PARTITIONS, cancelled, 'deadline', dueAt)).toBe(true);
    await arrivalOf(kept, 'deadline');
    await settle();

    expect(due.map(({ subject }) => subject)).toEqual([subjects.timerDue(partitionOf(kept, PARTITIONS), kept, 'deadline')]);
    const left = await stored();
    expect(left.filter(({ subject }) => subject.includes(cancelled.runId) || subject.includes(kept.runId))).toEqual([]);
  }, LONG);

  it('that were armed again for another instant are left alone by a cancellation of the first', async () => {
    const key = nextRun();
    const [first, second] = [Date.now() + 60_000, Date.now() + 1_000];
    await armTimer(bus, PARTITIONS, key, 'a-c1-1', first);
    await armTimer(bus, PARTITIONS, key, 'a-c1-1', second);
    expect(await cancelTimer(bus, PARTITIONS, key, 'a-c1-1', first)).toBe(false);
    expect(await arrivalOf(key, 'a-c1-1')).toMatchObject({ dueAt: second });
  }, LONG);

  it('cannot be cancelled by anybody but the orchestrator, whichever stream they write to', async () => {
    const key = nextRun();
    const partition = partitionOf(key, PARTITIONS);
    const dueAt = Date.now() + 1_500;
    await armTimer(bus, PARTITIONS, key, 'deadline', dueAt);
    const headers = { 'Nats-Scheduler': subjects.timerSet(partition, key, 'deadline'), 'Nats-Schedule-Next': 'purge' };
    const gateway = await connect('gateway');
    for (const subject of [subjects.timersCancelled(partition), subjects.timerSet(partition, key, 'deadline'), subjects.timerDue(partition, key, 'deadline'), subjects.inbox(partition, key, 'signal'), subjects.dead('acme', 'intake', 'x')]) {
      await gateway.publish(subject, '', { headers, timeoutMs: 500 }).catch(() => undefined);
    }
    await gateway.close(100);
    expect(await arrivalOf(key, 'deadline')).toMatchObject({ dueAt });
  }, LONG);

  it('of two runs with the same name are two timers', async () => {
    const [one, other] = [nextRun(), nextRun()];
    await armTimer(bus, PARTITIONS, one, 'deadline', 1);
    await armTimer(bus, PARTITIONS, other, 'deadline', 2);
    expect([(await arrivalOf(one, 'deadline')).dueAt, (await arrivalOf(other, 'deadline')).dueAt]).toEqual([1, 2]);
  }, LONG);

  it('outlive a SIGKILL of the broker, also those that fall due while it is dead', async () => {
    const [during, after] = [nextRun(), nextRun()];
    const now = Date.now();
    await armTimer(bus, PARTITIONS, during, 'deadline', now + 1_200);
    await armTimer(bus, PARTITIONS, after, 'deadline', now + 3_500);
    await broker.kill();
    while (Date.now() <= now + 1_300) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(due).toEqual([]);
    await broker.restart();

    expect((await arrivalOf(during, 'deadline')).dueAt).toBe(now + 1_200);
    const late = await arrivalOf(after, 'deadline');
    expect(late.arrivedAt).toBeGreaterThanOrEqual(now + 3_500);
  }, LONG);
});

describe('an orchestrator on a real broker', () => {
  let real: TestBroker;
  const open: Bus[] = [];

  beforeAll(async () => {
    real = await startTestBroker({ partitions: PARTITIONS });
  }, LONG);

  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await real?.stop();
  }, LONG);

  it('accepts a task, ends the run at its deadline, and keeps what nobody can process once on the dead-letter list', async () => {
    const join = async (role: 'orchestrator' | 'gateway'): Promise<Bus> => {
      const joined = await Bus.connect({ url: real.url, role, seed: real.seedOf(role), name: `intake-${role}` });
      open.push(joined);
      return joined;
    };
    const [orchestrator, gateway] = [await join('orchestrator'), await join('gateway')];
    const log = new JetStreamEventLog(orchestrator, PARTITIONS);
    const hasty = { ...catalog, agents: catalog.agents.map((agent) => ({ ...agent, budgets: { ...agent.budgets, deadlineSeconds: 1 } })) };
    const budgets = new BudgetBook(new MemoryBudgetStore());
    const processor = new RunProcessor({
      log, cache: new RunCache(log), preparer: new InputPreparer(hasty, new FakePolicy().ask, budgets), budgets, clock: Date.now,
      armTimer: (run, timerId, dueAt) => armTimer(orchestrator, PARTITIONS, run, timerId, dueAt),
    });
    const intake = { bus: orchestrator, partitions: PARTITIONS, concurrency: 8, processor, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: Date.now };
    for (let partition = 0; partition < PARTITIONS; partition += 1) openFactIntake(intake, partition);
    const run = nextRun();
    const inbox = subjects.inbox(partitionOf(run, PARTITIONS), run, 'task');
    for (const body of ['garbage', JSON.stringify(task), JSON.stringify(task)]) expect(await gateway.publish(inbox, body)).toMatchObject({ status: 'stored' });

    const reader = new JetStreamEventLog(gateway, PARTITIONS);
    const routes = async (): Promise<string[]> => (await reader.readRun(run)).map(({ commit }) => commit.route);
    while ((await routes()).at(-1) !== 'end') await new Promise((resolve) => setTimeout(resolve, 50));
    const letters = await gateway.getBatch('DEAD', 1, 10);

    expect(await routes()).toEqual(['plan', 'end']);
    expect(letters.map((letter) => JSON.parse(new TextDecoder().decode(letter.data)) as object)).toMatchObject([{ code: 'fact.malformed', subject: inbox, payload: 'garbage' }]);
  }, LONG);
});
