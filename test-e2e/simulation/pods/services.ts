import { z } from 'zod';
import { declaredAgents } from '@holdfast/agent-registry';
import { BudgetBook, BusBudgetStore } from '@holdfast/budgets';
import { authorizeAnswer, authorizeRequest, consumersOf, subjects, visibleRequest } from '@holdfast/contracts';
import { JetStreamEventLog, type EventLog } from '@holdfast/event-log';
import { FactInbox, TaskIntake } from '@holdfast/gateway/logic';
import { BusLeaseStore, InputPreparer, Ownership, RunCache, RunProcessor, armTimer, cancelTimer, openFactIntake, openRuntimeCalls, originReader, stillWaits, type CloseIntake } from '@holdfast/orchestrator/logic';
import { startPlanWorker } from '@holdfast/planner/logic';
import { Authorizer } from '@holdfast/policy/logic';
import { Ledger, ToolGuards } from '@holdfast/tool-sdk';
import { BusEffectStore, CallExecutor, startToolWorker } from '@holdfast/tool-adapters/logic';
import { ADAPTER, bundle, catalogue } from '../world/catalogue.ts';
import type { ScriptedModel } from '../world/model.ts';
import { signer, verifyPermit } from '../world/permits.ts';
import type { Quarantines } from '../world/quarantines.ts';
import { tools } from '../world/tools.ts';
import type { Fleet, Life } from './fleet.ts';
import { loggerOf } from './logger.ts';

const CONCURRENCY = 16;
const POLICY_TIMEOUT_MS = 3_000;
const MODEL_TIMEOUT_MS = 4_000;
const HAND_OVER_GRACE_MS = 1_000;

/** How each role is begun: wired as its Nest module wires it. */
export interface Services {
  readonly partitions: number;
  readonly model: ScriptedModel;
  readonly throughSdk: boolean;
  readonly leases: boolean;
  readonly permitsAreChecked: boolean;
  readonly quarantines: Quarantines;
  readonly witness: (log: EventLog) => EventLog;
}

export function startGateway(services: Services, life: Life): void {
  const bus = life.bus.asBus;
  const intake = new TaskIntake({ inbox: new FactInbox(bus, services.partitions), bus, logger: loggerOf(life), clock: Date.now });
  for (const consumer of consumersOf(services.partitions, []).filter(({ name }) => name === 'gateway')) {
    bus.work({ consumer, concurrency: CONCURRENCY, handle: (message) => intake.handle(message), onError: life.onError, onMissing: life.onMissing });
  }
}

export function startOrchestrator(services: Services, life: Life): void {
  const bus = life.bus.asBus;
  const logger = loggerOf(life);
  const log = services.witness(new JetStreamEventLog(bus, services.partitions, life.onUnreadable));
  const budgets = new BudgetBook(new BusBudgetStore(bus));
  const preparer = new InputPreparer(catalogue, (request) => bus.request(subjects.policyAuthorize(), request, authorizeAnswer, { timeoutMs: POLICY_TIMEOUT_MS }), budgets, originReader(log));
  const cache = new RunCache(log);
  const processor = new RunProcessor({
    log, cache, preparer, budgets, clock: Date.now,
    armTimer: (key, timerId, dueAt) => armTimer(bus, services.partitions, key, timerId, dueAt),
    cancelTimer: (key, timerId, dueAt) => void cancelTimer(bus, services.partitions, key, timerId, dueAt).catch((error: unknown) => logger.debug({ err: error }, 'a timer was not cancelled')),
  });
  life.stateOf = async (key) => (await cache.load(key)).state;
  const open = (partition: number): CloseIntake => {
    const closeFacts = openFactIntake({ bus, partitions: services.partitions, concurrency: CONCURRENCY, processor, logger, clock: Date.now }, partition);
    const closeCalls = openRuntimeCalls({ bus, log, processor, logger, concurrency: CONCURRENCY, stillWaits: (key, callId) => stillWaits(cache, key, callId) }, partition);
    return async (graceMs) => void (await Promise.all([closeFacts(graceMs), closeCalls(graceMs)]));
  };
  if (!services.leases) {
    // Every process works on every partition: nothing but the fence tells them apart.
    for (let partition = 0; partition < services.partitions; partition += 1) open(partition);
    return;
  }
  const intakes = new Map<number, CloseIntake>();
  const ownership = new Ownership({
    member: `${life.process.name}-${crypto.randomUUID().slice(0, 8)}`, partitions: services.partitions, store: new BusLeaseStore(bus), monotonic: () => performance.now(), logger,
    onGained: (partition) => intakes.set(partition, open(partition)),
    onLost: async (partition) => {
      await intakes.get(partition)?.(HAND_OVER_GRACE_MS);
      intakes.delete(partition);
      cache.forgetPartition(partition);
    },
  });
  bus.serve(subjects.member(ownership.member), z.unknown(), async () => ({}));
  ownership.start();
}

export function startPlanner(services: Services, life: Life): void {
  const bus = life.bus.asBus;
  startPlanWorker({
    bus, log: new JetStreamEventLog(bus, services.partitions, life.onUnreadable), partitions: services.partitions, concurrency: CONCURRENCY, catalog: catalogue, agents: declaredAgents(catalogue.agents),
    module: { agents: catalogue.agents, models: { scripted: () => services.model.asLanguageModel } }, models: { environment: {} }, modelTimeoutMs: MODEL_TIMEOUT_MS, firstTokenMs: MODEL_TIMEOUT_MS, logger: loggerOf(life), clock: Date.now,
    ...(services.throughSdk ? {} : { propose: services.model.propose }),
  });
}

export function startPolicy(services: Services, life: Life): void {
  const bus = life.bus.asBus;
  const authorizer = new Authorizer({ bundles: { current: () => bundle }, agents: declaredAgents(catalogue.agents), log: new JetStreamEventLog(bus, services.partitions, life.onUnreadable), signer, environment: 'simulation', clock: Date.now });
  bus.serve(subjects.policyVisible(), visibleRequest, (question) => authorizer.visible(question));
  bus.serve(subjects.policyAuthorize(), authorizeRequest, (question) => authorizer.authorize(question));
}

export function startAdapter(services: Services, life: Life, nth: number): void {
  const bus = life.bus.asBus;
  const executor = new CallExecutor({
    adapter: ADAPTER, tools, verifyPermit: services.permitsAreChecked ? verifyPermit : async (token, expected) => verifyPermit(token, expected).catch(() => ({}) as Awaited<ReturnType<typeof verifyPermit>>),
    standings: { quarantineOf: () => services.quarantines.heardBy(nth), contractOf: () => undefined, refresh: async () => undefined },
    means: { ledger: new Ledger({ store: new BusEffectStore(bus), owner: `${ADAPTER}-${crypto.randomUUID()}` }), guards: new ToolGuards(), log: loggerOf(life) },
  });
  startToolWorker({ bus, log: new JetStreamEventLog(bus, services.partitions, life.onUnreadable), adapter: ADAPTER, executor, logger: loggerOf(life), concurrency: CONCURRENCY });
}

/** Everything that one schedule starts with. */
export function startAll(services: Services, fleet: Fleet, counts: { readonly orchestrators: number; readonly planners: number; readonly adapters: number; readonly policies: number }): void {
  fleet.keep('gateway', 'gateway', (life) => startGateway(services, life));
  for (let at = 1; at <= counts.orchestrators; at += 1) fleet.keep(`orchestrator-${at}`, 'orchestrator', (life) => startOrchestrator(services, life));
  for (let at = 1; at <= counts.planners; at += 1) fleet.keep(`planner-${at}`, 'planner', (life) => startPlanner(services, life));
  for (let at = 1; at <= counts.policies; at += 1) fleet.keep(`policy-${at}`, 'policy', (life) => startPolicy(services, life));
  for (let at = 1; at <= counts.adapters; at += 1) fleet.keep(`adapter-${at}`, 'tools', (life) => startAdapter(services, life, at - 1));
}

