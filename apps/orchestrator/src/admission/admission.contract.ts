import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import { consumersOf, factAnswer, logStream, subjects, type RunKey } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { openFactIntake } from '../facts/fact-intake.js';
import { InputPreparer } from '../runs/input-preparer.js';
import { FakePolicy, catalog, plan, signal, task } from '../runs/processor.fixture.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { armTimer } from '../timers/timers.js';
import { ActiveRuns } from './active-runs.js';
import { TaskAdmission } from './task-admission.js';

const LIMIT = 20;
const PLACES = 16;
const FLOOD = 400;
const LONG = 60_000;

describe('a flood of tasks on a real broker', () => {
  let broker: TestBroker;
  const buses: Bus[] = [];
  const connect = async (role: 'orchestrator' | 'planner' | 'gateway'): Promise<Bus> => {
    const bus = await Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: role });
    buses.push(bus);
    return bus;
  };
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: 1 });
  }, LONG);

  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close(100)));
    await broker?.stop();
  }, LONG);

  it('slows intake, loses nothing, and holds up neither another tenant\'s task nor what people say', async () => {
    const [orchestrator, planner, gateway] = [await connect('orchestrator'), await connect('planner'), await connect('gateway')];
    const log = new JetStreamEventLog(orchestrator, 1);
    const active = new ActiveRuns(LIMIT, () => performance.now());
    const budgets = new BudgetBook(new MemoryBudgetStore());
    const processor = new RunProcessor({ log, cache: new RunCache(log, undefined, (key, isActive) => active.note(key, isActive)), preparer: new InputPreparer(catalog, new FakePolicy().ask, budgets), budgets, clock: Date.now, armTimer: (key, timerId, dueAt) => armTimer(orchestrator, 1, key, timerId, dueAt) });
    openFactIntake({
      bus: orchestrator, partitions: 1, concurrency: PLACES, processor, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: Date.now,
      admission: () => new TaskAdmission(active, PLACES, () => performance.now()),
    }, 0);
    const begun = async (): Promise<readonly string[]> => (await log.readPartition(0, 1, 10_000)).filter(({ commit }) => commit.number === 1).map(({ commit }) => commit.tenant);
    const send = async (key: RunKey, source: 'task' | 'signal', fact: object): Promise<void> => expect(await gateway.publish(subjects.inbox(0, key, source), JSON.stringify(fact), { timeoutMs: 10_000 })).toMatchObject({ status: 'stored' });

    // Nobody plans yet: what is begun waits for the planner, up to the limit.
    for (let from = 0; from < FLOOD; from += 100) await Promise.all(Array.from({ length: 100 }, (_, index) => send({ tenant: 'flood', runId: `f${from + index}` }, 'task', { ...task, id: `task:${from + index}` })));
    await send({ tenant: 'other', runId: 'o1' }, 'task', task);
    // The other tenant, behind all of the flood, begins all the same, and the flood does not go on.
    await until(async () => (await begun()).includes('other'));
    expect((await begun()).filter((tenant) => tenant === 'flood')).toHaveLength(LIMIT);

    // A person's word to a run that has begun does not wait behind the flood.
    const first = (await log.readPartition(0, 1, 1))[0]?.commit;
    if (first === undefined) throw new Error('nothing was begun');
    await send(first, 'signal', signal('news'));
    await until(async () => ((await log.head(first))?.commit.number ?? 0) >= 2);
    expect(await begun()).toHaveLength(LIMIT + 1);

    // The planner comes and ends run after run: all of the flood is begun.
    const consumer = consumersOf(1, []).find(({ stream, name }) => stream === logStream(0) && name === 'planner');
    if (consumer === undefined) throw new Error('the contracts declare no consumer for the planner');
    planner.work({
      consumer, concurrency: 8, onError: () => undefined, onMissing: () => undefined,
      handle: async (message) => {
        const { commit } = await log.decode(message);
        await planner.request(subjects.fact(0, commit, 'plan'), plan(commit.number, []), factAnswer);
        return 'done';
      },
    });
    await until(async () => (await begun()).length === FLOOD + 1);
  }, LONG);
});
