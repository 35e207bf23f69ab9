import { randomUUID } from 'node:crypto';
import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@holdfast/bus';
import type { DataKeys } from '@holdfast/data-keys';
import type { EventLog } from '@holdfast/event-log';
import { ATTRIBUTE, OPERATION, commitTraceparent, spanName, withWorkSpan, type Logger, type Metrics, type Telemetry } from '@holdfast/observability';
import { BUS, DATA_KEYS, EVENT_LOG, LOGGER, METRICS, TELEMETRY, readSecret } from '@holdfast/service';
import { ToolRegistry } from '@holdfast/tool-registry';
import { Ledger, ToolGuards, contractOf, systemClock, type Tool, type ToolSet } from '@holdfast/tool-sdk';
import { ContractWatch } from './contracts/contract-watch.js';
import type { ToolStandings } from './contracts/present-tools.js';
import { ResultFaults } from './contracts/result-faults.js';
import { CallExecutor, type PermitVerifier } from './executor/call-executor.js';
import { processFailpoints } from './executor/process-failpoints.js';
import { BusGuardStore } from './guards/bus-guard-store.js';
import { BusEffectStore } from './ledger/bus-effect-store.js';
import { loadTools } from './load-tools.js';
import { busPassageSearch, busRemember } from './memory/bus-memory.js';
import type { ToolAdapterSettings } from './settings.js';
import { PermitCheck } from './permits/permit-check.js';
import { alertRefused } from './permits/refused-permits.js';
import { startToolWorker } from './worker.js';
import { busWorkers } from './workers/bus-workers.js';

const TOOL_ADAPTER_SETTINGS = Symbol('ToolAdapterSettings');

/** The only service with side effects: it executes permitted calls and records what became of them. */
@Module({})
export class ToolAdaptersModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private loaded?: ToolSet;
  private registry?: ToolRegistry;
  private watch?: ContractWatch;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(DATA_KEYS) private readonly dataKeys: DataKeys,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(TELEMETRY) private readonly telemetry: Telemetry,
    @Inject(METRICS) private readonly metrics: Metrics,
    @Inject(TOOL_ADAPTER_SETTINGS) private readonly settings: ToolAdapterSettings,
  ) {}

  static register(settings: ToolAdapterSettings): DynamicModule {
    return { module: ToolAdaptersModule, providers: [{ provide: TOOL_ADAPTER_SETTINGS, useValue: settings }] };
  }

  async onApplicationBootstrap(): Promise<void> {
    const { bus, settings, logger } = this;
    const loaded = await loadTools(settings.HOLDFAST_TOOLS, { variables: process.env, searchMemory: busPassageSearch(bus), remember: busRemember(bus), workers: busWorkers(bus), log: logger });
    this.loaded = loaded;
    // A start that failed runs no hook of the shutdown, so nobody else would end what the tools hold.
    await this.serve(loaded).catch(async (error: unknown) => {
      await loaded.close?.();
      throw error;
    });
  }

  private async serve({ tools, sources }: ToolSet): Promise<void> {
    const { bus, settings, logger } = this;
    const registry = await ToolRegistry.open({ bus, pinned: tools.map(contractOf), onError: (error, tool) => logger.warn({ err: error, tool }, 'how a tool stands could not be read') });
    this.registry = registry;
    registry.onChange((tool, standing) => logger.warn({ tool, status: standing.status, reason: standing.status === 'quarantined' ? standing.reason : undefined }, 'a tool stands otherwise than before'));
    const faults = new ResultFaults(registry, `the results that adapter "${settings.HOLDFAST_ADAPTER}" was given`, logger);
    this.watch = await ContractWatch.start({ sources: sources ?? [], registry, logger, intervalMs: settings.HOLDFAST_CONTRACTS_SECONDS * 1_000 });
    const owner = `${settings.HOLDFAST_ADAPTER}-${randomUUID()}`;
    const executor = new CallExecutor({
      adapter: settings.HOLDFAST_ADAPTER,
      tools: tools.filter((tool) => tool.contract.adapter === settings.HOLDFAST_ADAPTER).map(traced),
      standings: standingsOf(registry),
      onOutcome: (tool, outcome) => faults.note(tool, outcome),
      verifyPermit: await permitVerifier(settings.HOLDFAST_PERMIT_PUBLIC_KEYS_FILE, logger),
      onRefusedPermit: alertRefused({ bus, logger, metrics: this.metrics, clock: Date.now }),
      means: {
        ledger: new Ledger({ store: new BusEffectStore(bus, this.dataKeys), owner, clock: systemClock }),
        guards: new ToolGuards({ store: new BusGuardStore(bus), owner, log: logger, waiting: Math.ceil(settings.HOLDFAST_CONCURRENCY / 2) }),
        failpoints: processFailpoints(process.env), log: logger,
      },
    });
    startToolWorker({ bus, log: this.log, adapter: settings.HOLDFAST_ADAPTER, executor: this.telemetry.enabled ? tracedExecutor(executor) : executor, logger, concurrency: settings.HOLDFAST_CONCURRENCY });
  }

  /** The calls in hand end with the bus; only then may what they use go away. */
  async onApplicationShutdown(): Promise<void> {
    this.watch?.stop();
    this.registry?.close();
    await this.bus.close();
    await this.loaded?.close?.();
  }
}

function standingsOf(registry: ToolRegistry): ToolStandings {
  return {
    quarantineOf: (tool) => {
      const standing = registry.standing(tool);
      return standing?.status === 'quarantined' ? standing : undefined;
    },
    contractOf: (tool) => registry.standing(tool)?.contract,
    refresh: (tool) => registry.refresh(tool),
  };
}

async function permitVerifier(file: string, logger: Logger): Promise<PermitVerifier> {
  const check = await PermitCheck.open({ readKeys: () => readSecret(undefined, file, 'HOLDFAST_PERMIT_PUBLIC_KEYS') ?? '', clock: Date.now, logger });
  return (token, expected) => check.verify(token, expected);
}

/** The work on a call hangs below the commit that dispatched it, also after a takeover; called systems continue the trace. */
function tracedExecutor(executor: CallExecutor): Pick<CallExecutor, 'handle'> {
  return {
    handle: (commit, delivery) => {
      const { tenant, runId, hash } = commit;
      const parent = commitTraceparent({ tenant, runId, commitId: hash });
      const attributes = { [ATTRIBUTE.runId]: runId, [ATTRIBUTE.tenant]: tenant, [ATTRIBUTE.takeover]: delivery.deliveries > 1 };
      return withWorkSpan({ name: spanName.process('call'), kind: 'consumer', parent, attributes }, () => executor.handle(commit, { ...delivery, traceHeaders: { traceparent: parent } }));
    },
  };
}

/** Each attempt is a span of its own, so that retries are seen where they happen. */
function traced(tool: Tool): Tool {
  const attributes = { [ATTRIBUTE.operationName]: OPERATION.executeTool, [ATTRIBUTE.toolName]: tool.name, [ATTRIBUTE.toolType]: 'function', [ATTRIBUTE.effectClass]: tool.effect };
  return {
    ...tool,
    execute: (args, context) => withWorkSpan({ name: spanName.executeTool(tool.name), kind: 'client', attributes: { ...attributes, [ATTRIBUTE.toolCallId]: context.callId, [ATTRIBUTE.attempt]: context.attempt, [ATTRIBUTE.operationKey]: context.operationKey } }, () => tool.execute(args, context)),
  };
}
