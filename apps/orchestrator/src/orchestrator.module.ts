import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Bus } from '@holdfast/bus';
import type { EventLog } from '@holdfast/event-log';
import { authorizeAnswer, subjects } from '@holdfast/contracts';
import { commitTraceparent, type Logger, type Telemetry } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, Readiness, TELEMETRY, readCatalog } from '@holdfast/service';
import { startFactIntake } from './facts/fact-intake.js';
import { recoverRuns } from './recovery/recover-runs.js';
import { InputPreparer } from './runs/input-preparer.js';
import { RunCache } from './runs/run-cache.js';
import { RunProcessor } from './runs/run-processor.js';
import type { OrchestratorSettings } from './settings.js';
import { armTimer } from './timers/timers.js';
import { startCommitTraces } from './traces/commit-traces.js';

const ORCHESTRATOR_SETTINGS = Symbol('OrchestratorSettings');
const POLICY_TIMEOUT_MS = 3_000;
const RECOVERY_PAUSE_MS = 500;

@Module({})
export class OrchestratorModule implements OnApplicationBootstrap {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(TELEMETRY) private readonly telemetry: Telemetry,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(ORCHESTRATOR_SETTINGS) private readonly settings: OrchestratorSettings,
  ) {}

  static register(settings: OrchestratorSettings): DynamicModule {
    return { module: OrchestratorModule, providers: [{ provide: ORCHESTRATOR_SETTINGS, useValue: settings }] };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bus, log, logger, settings } = this;
    const preparer = new InputPreparer(readCatalog(settings.HOLDFAST_CATALOG), (request, lastCommit) => bus.request(subjects.policyAuthorize(), request, authorizeAnswer, {
      timeoutMs: POLICY_TIMEOUT_MS,
      headers: lastCommit === undefined ? {} : { traceparent: commitTraceparent({ tenant: request.tenant, runId: request.runId, commitId: lastCommit }) },
    }));
    const arm = (key: Parameters<typeof armTimer>[2], timerId: string, dueAt: number): Promise<void> => armTimer(bus, settings.HOLDFAST_PARTITIONS, key, timerId, dueAt);
    const processor = new RunProcessor({ log, cache: new RunCache(log), preparer, armTimer: arm, clock: Date.now });
    let recovered = false;
    this.readiness.add('recovered', () => recovered);
    startFactIntake({ bus, partitions: settings.HOLDFAST_PARTITIONS, concurrency: settings.HOLDFAST_CONCURRENCY, processor, logger, clock: Date.now });
    startCommitTraces(bus, settings.HOLDFAST_PARTITIONS, this.telemetry, logger, Date.now);
    void recoverRuns({ log, processor, armTimer: arm, logger, pause: () => new Promise((resolve) => setTimeout(resolve, RECOVERY_PAUSE_MS)) }).then(() => {
      recovered = true;
    });
  }
}
