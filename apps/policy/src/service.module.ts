import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AgentRegistry } from '@holdfast/agent-registry';
import { Bus } from '@holdfast/bus';
import { authorizeRequest, subjects, visibleRequest } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { ATTRIBUTE, SPAN, extractContext, withWorkSpan, type Logger, type Metrics } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, METRICS, readCatalog } from '@holdfast/service';
import { openCatalog } from '@holdfast/tool-registry';
import type { Authorizer } from './authorizer/authorizer.js';
import type { PolicyConfiguration } from './configuration/configuration.js';
import type { PolicyFolder, ReloadOutcome } from './bundles/policy-folder.js';
import { PolicyMetrics } from './policy-metrics.js';
import { AUTHORIZER, POLICY_FOLDER, PRESENT_CATALOG, PolicyModule, type PresentCatalog } from './policy.module.js';

/** How often the files are looked at, in milliseconds. */
const WATCH_MS = 1_000;

/** Policy on the bus: the two questions, each answered from the log. It has no way to change a run. */
@Module({})
export class PolicyServiceModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private watched: { stop(): void } | undefined;
  private readonly measured: PolicyMetrics;

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(POLICY_FOLDER) private readonly folder: PolicyFolder,
    @Inject(PRESENT_CATALOG) private readonly present: PresentCatalog,
    @Inject(METRICS) metrics: Metrics,
  ) {
    this.measured = new PolicyMetrics(metrics, folder);
  }

  static register(configuration: PolicyConfiguration): DynamicModule {
    const policy = PolicyModule.register({
      configuration,
      logReader: { inject: [EVENT_LOG], useFactory: (log: EventLog) => log },
      catalog: { inject: [BUS, LOGGER], useFactory: (bus: Bus, logger: Logger) => openPresent(bus, configuration, logger) },
      logger: { inject: [LOGGER], useFactory: (logger: Logger) => logger },
      clock: Date.now,
    });
    return { module: PolicyServiceModule, imports: [policy] };
  }

  onApplicationBootstrap(): void {
    this.present.registry?.onChange((tool) => void this.reload(tool));
    this.watched = this.folder.watch(WATCH_MS, (outcome) => this.tell(outcome, 'a policy file changed'));
    this.bus.serve(subjects.policyVisible(), visibleRequest, (question, context) =>
      withWorkSpan({ name: SPAN.policyVisible, kind: 'server', parent: extractContext({ get: (name) => context.header(name) }), attributes: { [ATTRIBUTE.runId]: question.runId, [ATTRIBUTE.tenant]: question.tenant } }, () => this.authorizer.visible(question)),
    );
    this.bus.serve(subjects.policyAuthorize(), authorizeRequest, (question, context) =>
      withWorkSpan({ name: SPAN.policyDecision, kind: 'server', parent: extractContext({ get: (name) => context.header(name) }), attributes: { [ATTRIBUTE.runId]: question.runId, [ATTRIBUTE.tenant]: question.tenant } }, async (span) => {
        const answer = await this.measured.measure(question, () => this.authorizer.authorize(question));
        span.setAttributes({ [ATTRIBUTE.policyOutcome]: answer.verdicts.map((verdict) => verdict.outcome), [ATTRIBUTE.policyDigest]: answer.verdicts[0]?.policyDigest });
        return answer;
      }),
    );
  }

  onApplicationShutdown(): void {
    this.watched?.stop();
    this.present.registry?.close();
    this.present.agents?.close();
  }

  /** Policies and contracts are checked against each other, so the policies are loaded again under a contract that changed. */
  private async reload(tool: string): Promise<void> {
    this.tell(await this.folder.reload(), `another contract of ${tool} counts`);
  }

  private tell(outcome: ReloadOutcome, why: string): void {
    this.measured.reloaded(outcome);
    if (outcome.status === 'refused') this.logger.error({ err: outcome.error, why, policy_digest: outcome.digest }, 'the policies are refused as they are now, and the last good ones stay in force');
    else this.logger.info({ why, status: outcome.status, policy_digest: outcome.digest }, 'the policies were loaded again');
  }
}

async function openPresent(bus: Bus, configuration: PolicyConfiguration, logger: Logger): Promise<PresentCatalog> {
  const opened = await openCatalog(bus, readCatalog(configuration.HOLDFAST_CATALOG), logger);
  const agents = await AgentRegistry.open({ bus, declared: opened.catalog.agents, onError: (error, what) => logger.warn({ err: error }, what) });
  return { ...opened, agents };
}
