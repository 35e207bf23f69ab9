import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AgentRegistry } from '@holdfast/agent-registry';
import { isAgentFile, readAgents, type AgentModule } from '@holdfast/agent-sdk';
import { Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, readCatalog } from '@holdfast/service';
import { openCatalog, type ToolRegistry } from '@holdfast/tool-registry';
import { Closures } from './models/closures.js';
import { modelsOf, type ModelSettings } from './models/models.js';
import { Pace, ratesOf } from './models/pace.js';
import { readPrices } from './models/prices.js';
import { startPlanWorker } from './planning/plan-worker.js';
import type { PlannerSettings } from './settings.js';

const PLANNER_SETTINGS = Symbol('PlannerSettings');

@Module({})
export class PlannerModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private registry: ToolRegistry | undefined;
  private agents: AgentRegistry | undefined;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(PLANNER_SETTINGS) private readonly settings: PlannerSettings,
  ) {}

  static register(settings: PlannerSettings): DynamicModule {
    return { module: PlannerModule, providers: [{ provide: PLANNER_SETTINGS, useValue: settings }] };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { settings } = this;
    const module = await loadAgents(settings.HOLDFAST_AGENTS);
    const { catalog, registry } = await openCatalog(this.bus, readCatalog(settings.HOLDFAST_CATALOG), this.logger);
    this.registry = registry;
    const agents = await AgentRegistry.open({ bus: this.bus, declared: catalog.agents, onError: (error, what) => this.logger.warn({ err: error }, what) });
    this.agents = agents;
    const models: ModelSettings = { override: settings.HOLDFAST_MODEL, compatibleUrl: settings.HOLDFAST_MODEL_URL, environment: process.env };
    // The SDK would print its providers' warnings between the lines of the structured log.
    globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model: name }) => this.logger.debug({ warnings, provider, model: name }, 'a provider warns');
    // A missing key should stop the start, not the first run.
    for (const agent of catalog.agents) await modelsOf(agent, module, models);
    startPlanWorker({
      bus: this.bus, log: this.log, partitions: settings.HOLDFAST_PARTITIONS, concurrency: settings.HOLDFAST_CONCURRENCY,
      catalog, agents, module, models, modelTimeoutMs: settings.HOLDFAST_MODEL_TIMEOUT_MS, firstTokenMs: settings.HOLDFAST_MODEL_FIRST_TOKEN_MS,
      pace: new Pace(ratesOf(settings.HOLDFAST_MODEL_RATES), () => performance.now()), closures: new Closures(() => performance.now()), prices: readPrices(settings.HOLDFAST_MODEL_PRICES), logger: this.logger, clock: Date.now,
    });
  }

  onApplicationShutdown(): void {
    this.registry?.close();
    this.agents?.close();
  }
}

async function loadAgents(file: string): Promise<AgentModule> {
  // A file has no models of its own: its agents name those of providers.
  if (isAgentFile(file)) return { agents: readAgents(resolve(file)) };
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as AgentModule;
  } catch (cause) {
    throw new HoldfastError({ code: 'settings.agents-unreadable', message: `HOLDFAST_AGENTS names "${file}", which cannot be loaded: ${String(cause)}`, retryable: false, remedy: 'Build the module or correct the path.', cause });
  }
}
