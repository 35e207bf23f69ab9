import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Inject, Module, type BeforeApplicationShutdown, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { AgentRegistry } from '@holdfast/agent-registry';
import { BudgetBook, BusBudgetStore } from '@holdfast/budgets';
import { Bus } from '@holdfast/bus';
import type { DataKeys } from '@holdfast/data-keys';
import type { EventLog } from '@holdfast/event-log';
import { authorizeAnswer, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { commitTraceparent, type Logger, type Telemetry } from '@holdfast/observability';
import { BUS, DATA_KEYS, EVENT_LOG, LOGGER, Readiness, TELEMETRY, readCatalog } from '@holdfast/service';
import { openCatalog, type ToolRegistry } from '@holdfast/tool-registry';
import { ActiveRuns } from './admission/active-runs.js';
import { TaskAdmission } from './admission/task-admission.js';
import { BrokerClock } from './clock/broker-clock.js';
import { openErasures } from './erasures/carry-out-erasure.js';
import { openFactIntake, type CloseIntake } from './facts/fact-intake.js';
import { BusLeaseStore } from './leases/bus-lease-store.js';
import { Ownership } from './leases/ownership.js';
import { InputPreparer } from './runs/input-preparer.js';
import { RunCache } from './runs/run-cache.js';
import { RunProcessor } from './runs/run-processor.js';
import { originReader } from './runtime-calls/fork-origin.js';
import { recordedFinder } from './runtime-calls/recorded-results.js';
import { openRuntimeCalls, stillWaits } from './runtime-calls/runtime-calls.js';
import type { OrchestratorSettings } from './settings.js';
import { earlierReader, erasureReader } from './threads/earlier-runs.js';
import { BusThreadRuns } from './threads/thread-runs.js';
import { armTimer, cancelTimer } from './timers/timers.js';
import { startCommitTraces } from './traces/commit-traces.js';

const ORCHESTRATOR_SETTINGS = Symbol('OrchestratorSettings');
/** Runs of a partition that are started, stopped or told of an end at once. */
const RUNTIME_CONCURRENCY = 16;
const POLICY_TIMEOUT_MS = 3_000;
/** How long the work on a partition may go on after another should have it, in milliseconds. */
const HAND_OVER_GRACE_MS = 1_000;

@Module({})
export class OrchestratorModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private ownership: Ownership | undefined;
  private registry: ToolRegistry | undefined;
  private agents: AgentRegistry | undefined;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(DATA_KEYS) private readonly dataKeys: DataKeys,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(TELEMETRY) private readonly telemetry: Telemetry,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(ORCHESTRATOR_SETTINGS) private readonly settings: OrchestratorSettings,
  ) {}

  static register(settings: OrchestratorSettings): DynamicModule {
    return { module: OrchestratorModule, providers: [{ provide: ORCHESTRATOR_SETTINGS, useValue: settings }] };
  }

  /** Nothing is recovered here: whatever is incomplete is a message that nobody has acknowledged, and comes by itself. */
  async onApplicationBootstrap(): Promise<void> {
    const { bus, log, logger, settings } = this;
    const partitions = settings.HOLDFAST_PARTITIONS;
    const { catalog, registry } = await openCatalog(bus, readCatalog(settings.HOLDFAST_CATALOG), logger);
    this.registry = registry;
    const agents = await AgentRegistry.open({ bus, declared: catalog.agents, onError: (error, what) => logger.warn({ err: error }, what) });
    this.agents = agents;
    // Before any run begins with them: whoever goes on with it later finds the version that it names.
    await agents.publishDeclared();
    const budgets = new BudgetBook(new BusBudgetStore(bus));
    const threads = new BusThreadRuns(bus);
    const preparer = new InputPreparer(catalog, (request, lastCommit) => bus.request(subjects.policyAuthorize(), request, authorizeAnswer, {
      timeoutMs: POLICY_TIMEOUT_MS,
      headers: lastCommit === undefined ? {} : { traceparent: commitTraceparent({ tenant: request.tenant, runId: request.runId, commitId: lastCommit }) },
    }), budgets, originReader(log), earlierReader(log, threads, erasureReader(bus)), agents, recordedFinder(log));
    const monotonic = (): number => performance.now();
    const clock = new BrokerClock(monotonic, Date.now);
    const now = (): number => clock.now();
    const active = Array.from({ length: partitions }, () => new ActiveRuns(Math.ceil(settings.HOLDFAST_ACTIVE_RUNS / partitions), monotonic));
    const activeIn = (partition: number): ActiveRuns => active[partition] ?? new ActiveRuns(0, monotonic);
    const cache = new RunCache(log, settings.HOLDFAST_CACHE_MB * 1024 * 1024, (key, isActive) => activeIn(partitionOf(key, partitions)).note(key, isActive));
    const processor = new RunProcessor({
      log, cache, preparer, budgets, dataKeys: this.dataKeys, clock: now,
      armTimer: (key, timerId, dueAt) => armTimer(bus, partitions, key, timerId, dueAt),
      joinThread: (key, thread, dataSubject) => threads.join(key, thread, dataSubject),
      cancelTimer: (key, timerId, dueAt) => void cancelTimer(bus, partitions, key, timerId, dueAt).catch((error: unknown) => logger.debug({ err: error, tenant: key.tenant, run_id: key.runId, timer: timerId }, 'a timer was not cancelled and will be folded as nothing')),
    });
    const places = Math.ceil(settings.HOLDFAST_CONCURRENCY / partitions);
    const admission = (partition: number): TaskAdmission => new TaskAdmission(activeIn(partition), places, monotonic);
    // Of a run that cannot be read nobody knows, so nothing that was meant for it is kept in clear.
    const isAboutSomebody = (key: RunKey): Promise<boolean> => log.head(key).then((head) => head?.commit.encryption !== undefined, () => true);
    const intakes = new Map<number, CloseIntake>();
    const ownership = new Ownership({
      member: memberName(), partitions, store: new BusLeaseStore(bus), monotonic, logger, onHeartbeat: (storedAt, sentAt, confirmedAt) => clock.observe(storedAt, sentAt, confirmedAt),
      onGained: (partition) => {
        // Runs of it that were worked on from outside, as children of other runs, are counted anew by whoever owns it.
        activeIn(partition).forget();
        const closeFacts = openFactIntake({ bus, partitions, concurrency: settings.HOLDFAST_CONCURRENCY, processor, logger, clock: now, admission, isAboutSomebody }, partition);
        const closeCalls = openRuntimeCalls({ bus, log, processor, logger, concurrency: RUNTIME_CONCURRENCY, stillWaits: (key, callId) => stillWaits(cache, key, callId) }, partition);
        intakes.set(partition, async (graceMs) => void (await Promise.all([closeFacts(graceMs), closeCalls(graceMs)])));
      },
      onLost: async (partition) => {
        await intakes.get(partition)?.(HAND_OVER_GRACE_MS);
        intakes.delete(partition);
        cache.forgetPartition(partition);
        activeIn(partition).forget();
      },
    });
    this.ownership = ownership;
    this.readiness.add('leases', () => ownership.isSettled);
    bus.serve(subjects.member(ownership.member), z.unknown(), async () => ({}));
    ownership.start();
    openErasures({ bus, log, processor, dataKeys: this.dataKeys, logger, clock: now });
    startCommitTraces(bus, log, this.telemetry, logger, Date.now);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.ownership?.leave();
    this.registry?.close();
    this.agents?.close();
  }
}

/** Never used twice: a restarted process must not be taken for the one that died. */
function memberName(): string {
  return `${hostname().replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 50)}-${randomUUID().slice(0, 8)}`;
}
