import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BudgetBook, MemoryBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import type { RunKey } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { openFactIntake } from '../facts/fact-intake.js';
import { InputPreparer } from '../runs/input-preparer.js';
import { FakePolicy, catalog, task } from '../runs/processor.fixture.js';
import { RunCache } from '../runs/run-cache.js';
import { RunProcessor } from '../runs/run-processor.js';
import { armTimer } from './timers.js';

const PARTITIONS = 4;
const RUNS = 2_000;
const DEADLINE_SECONDS = 6;
const AT_ONCE = 100;

describe('thousands of deadlines', () => {
  let broker: TestBroker;
  let bus: Bus;

  beforeAll(async () => {
    broker = await startTestBroker({ partitions: PARTITIONS });
    bus = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'orchestrator' });
  });

  afterAll(async () => {
    await bus?.close(500);
    await broker?.stop();
  });

  it('each end their run, once and not too early, though the broker is killed while they fire', async () => {
    const log = new JetStreamEventLog(bus, PARTITIONS);
    const hasty = { ...catalog, agents: catalog.agents.map((agent) => ({ ...agent, budgets: { ...agent.budgets, deadlineSeconds: DEADLINE_SECONDS } })) };
    const budgets = new BudgetBook(new MemoryBudgetStore());
    const processor = new RunProcessor({ log, cache: new RunCache(log), preparer: new InputPreparer(hasty, new FakePolicy().ask, budgets), budgets, clock: Date.now, armTimer: (key, timerId, dueAt) => armTimer(bus, PARTITIONS, key, timerId, dueAt) });
    const keys = Array.from({ length: RUNS }, (_, index): RunKey => ({ tenant: 'acme', runId: `hasty-${index}` }));
    for (let from = 0; from < RUNS; from += AT_ONCE) {
      await Promise.all(keys.slice(from, from + AT_ONCE).map(async (key) => expect(await processor.process(key, task)).toMatchObject({ status: 'committed', number: 1 })));
    }
    for (let partition = 0; partition < PARTITIONS; partition += 1) openFactIntake({ bus, partitions: PARTITIONS, concurrency: 64, processor, logger: createLogger({ service: 'orchestrator', level: 'silent' }), clock: Date.now }, partition);

    const history = async () => (await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => log.readPartition(partition, 1, 3 * RUNS)))).flat();
    const fired = async () => (await history().catch(() => [])).filter(({ commit }) => commit.events.some(({ type }) => type === 'timer-fired'));
    while ((await fired()).length < RUNS / 10) await new Promise((resolve) => setTimeout(resolve, 50));
    await broker.kill();
    await broker.restart();
    while ((await fired()).length < RUNS) await new Promise((resolve) => setTimeout(resolve, 200));

    const begunAt = new Map((await history()).filter(({ commit }) => commit.number === 1).map(({ commit }) => [commit.runId, commit.at]));
    const endings = await fired();
    expect(new Set(endings.map(({ commit }) => commit.runId)).size).toBe(RUNS);
    expect(endings).toHaveLength(RUNS);
    expect(endings.filter(({ commit }) => commit.at < (begunAt.get(commit.runId) ?? 0) + DEADLINE_SECONDS * 1_000)).toEqual([]);
    expect(new Set(endings.map(({ commit }) => commit.route))).toEqual(new Set(['end']));
  });
});
