import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AgentRegistry, CanaryBook } from '@holdfast/agent-registry';
import type { Bus, WorkMessage } from '@holdfast/bus';
import { consumersOf } from '@holdfast/contracts';
import type { EventLog, StoredLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, readCatalog } from '@holdfast/service';
import { ToolRegistry, openCatalog, type OpenedCatalog } from '@holdfast/tool-registry';
import { A2aController } from './a2a/a2a.controller.js';
import { AgentsController } from './agents/agents.controller.js';
import { BreakersController } from './breakers/breakers.controller.js';
import { BudgetsController } from './budgets/budgets.controller.js';
import { BulkController } from './bulk/bulk.controller.js';
import { Words } from './bulk/words.js';
import { CanariesController } from './canaries/canaries.controller.js';
import { CanaryKeeper } from './canaries/canary-keeper.js';
import { CATALOG, OPENED_CATALOG } from './catalog/catalog.token.js';
import { DeadLettersController } from './dead-letters/dead-letters.controller.js';
import { ErasuresController } from './erasures/erasures.controller.js';
import { ApiKeys } from './edge/api-keys.js';
import { Authentication } from './edge/authentication.js';
import { AccessTokens } from './edge/identity/access-tokens.js';
import { readIssuers } from './edge/identity/issuers.js';
import { PrincipalController } from './edge/principal.controller.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { RateLimits } from './edge/rates/rate-limits.js';
import { RoleGuard } from './edge/role.guard.js';
import { OpenApiController } from './endpoints/openapi.controller.js';
import { FactInbox } from './intake/fact-inbox.js';
import { InboxDepth } from './intake/inbox-depth.js';
import { TaskIntake } from './intake/task-intake.js';
import { McpController } from './mcp/mcp.controller.js';
import { MemoryController } from './memory/memory.controller.js';
import { ApprovalsController } from './people/approvals.controller.js';
import { ControlsController } from './people/controls.controller.js';
import { QuestionsController } from './people/questions.controller.js';
import { Steering } from './people/steering.js';
import { InDoubtController } from './in-doubt/in-doubt.controller.js';
import { EventPublisher } from './public-events/event-publisher.js';
import { RunHistories } from './runs/run-histories.js';
import { RunIndex } from './runs/run-index.js';
import { RunsController } from './runs/runs.controller.js';
import { GATEWAY_SETTINGS, type GatewaySettings } from './settings.js';
import { OpenStreams } from './streams/open-streams.js';
import { StreamsController } from './streams/streams.controller.js';
import { TasksController } from './tasks/tasks.controller.js';
import { Forking } from './time-travel/forking.js';
import { ForksController } from './time-travel/forks.controller.js';
import { TimeTravelController } from './time-travel/time-travel.controller.js';
import { TokenFeeds } from './tokens/token-feeds.js';
import { TokensController } from './tokens/tokens.controller.js';
import { ThreadsController } from './threads/threads.controller.js';
import { Releaser } from './tools/releaser.js';
import { ToolsController } from './tools/tools.controller.js';
import { PERMIT_KEYS, permitKeysIn } from './verification/permit-keys.js';
import { VerificationController } from './verification/verification.controller.js';
import { WhyController } from './why/why.controller.js';

const INDEX_RETRY_MS = 500;

@Module({})
export class GatewayModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(GATEWAY_SETTINGS) private readonly settings: GatewaySettings,
    @Inject(FactInbox) private readonly inbox: FactInbox,
    @Inject(RunIndex) private readonly index: RunIndex,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(ToolRegistry) private readonly registry: ToolRegistry,
    @Inject(AgentRegistry) private readonly agents: AgentRegistry,
    @Inject(Releaser) private readonly releaser: Releaser,
    @Inject(CanaryBook) private readonly canaries: CanaryBook,
    @Inject(CanaryKeeper) private readonly canaryKeeper: CanaryKeeper,
  ) {}

  static register(settings: GatewaySettings): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [
        TasksController, RunsController, StreamsController, TokensController, WhyController, VerificationController, TimeTravelController, ForksController, BulkController, ApprovalsController, QuestionsController, ControlsController, InDoubtController, BudgetsController,
        MemoryController, ThreadsController, ErasuresController, AgentsController, CanariesController, ToolsController, BreakersController, DeadLettersController, OpenApiController, PrincipalController, McpController, A2aController,
      ],
      providers: [
        { provide: GATEWAY_SETTINGS, useValue: settings },
        { provide: OPENED_CATALOG, inject: [BUS, LOGGER], useFactory: (bus: Bus, logger: Logger) => openCatalog(bus, readCatalog(settings.HOLDFAST_CATALOG), logger) },
        { provide: CATALOG, inject: [OPENED_CATALOG], useFactory: ({ catalog }: OpenedCatalog) => catalog },
        { provide: ToolRegistry, inject: [OPENED_CATALOG], useFactory: ({ registry }: OpenedCatalog) => registry },
        { provide: AgentRegistry, inject: [BUS, OPENED_CATALOG, LOGGER], useFactory: (bus: Bus, { catalog }: OpenedCatalog, logger: Logger) => AgentRegistry.open({ bus, declared: catalog.agents, onError: (error, what) => logger.warn({ err: error }, what) }) },
        { provide: CanaryBook, inject: [BUS, LOGGER], useFactory: (bus: Bus, logger: Logger) => CanaryBook.open({ bus, onError: (error, what) => logger.warn({ err: error }, what) }) },
        { provide: CanaryKeeper, inject: [CanaryBook, AgentRegistry, LOGGER], useFactory: (book: CanaryBook, agents: AgentRegistry, logger: Logger) => new CanaryKeeper(book, agents, logger) },
        { provide: Authentication, useFactory: () => new Authentication(ApiKeys.fromFile(settings.HOLDFAST_API_KEYS_FILE), settings.HOLDFAST_ISSUERS_FILE === undefined ? undefined : new AccessTokens(readIssuers(settings.HOLDFAST_ISSUERS_FILE))) },
        { provide: RateLimits, useFactory: () => new RateLimits({ perPrincipal: settings.HOLDFAST_RATE_PER_PRINCIPAL, perTenant: settings.HOLDFAST_RATE_PER_TENANT, failuresPerAddress: settings.HOLDFAST_FAILURES_PER_ADDRESS }) },
        { provide: PERMIT_KEYS, useValue: permitKeysIn(settings.HOLDFAST_PERMIT_PUBLIC_KEYS_FILE) },
        { provide: FactInbox, inject: [BUS], useFactory: (bus: Bus) => new FactInbox(bus, settings.HOLDFAST_PARTITIONS, depthOf(bus, settings)) },
        { provide: RunHistories, inject: [EVENT_LOG], useFactory: (log: EventLog & StoredLog) => new RunHistories(log) },
        { provide: RunIndex, inject: [EVENT_LOG, LOGGER], useFactory: (log: EventLog, logger: Logger) => new RunIndex(log, settings.HOLDFAST_INDEXED_RUNS, logger) },
        Steering,
        Forking,
        Words,
        { provide: Releaser, inject: [RunIndex, RunHistories, ToolRegistry, FactInbox, LOGGER], useFactory: (index: RunIndex, histories: RunHistories, registry: ToolRegistry, inbox: FactInbox, logger: Logger) => new Releaser({ index, histories, registry, inbox, logger }) },
        { provide: OpenStreams, inject: [LOGGER], useFactory: (logger: Logger) => new OpenStreams(settings.HOLDFAST_MAXIMUM_STREAMS, logger) },
        { provide: TokenFeeds, inject: [BUS, RunHistories, LOGGER], useFactory: (bus: Bus, histories: RunHistories, logger: Logger) => new TokenFeeds({ bus, histories, logger }) },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: RoleGuard },
      ],
    };
  }

  onApplicationBootstrap(): void {
    void this.startIndex();
    this.startIntake();
    if (this.settings.HOLDFAST_PUBLIC_EVENTS) new EventPublisher({ bus: this.bus, log: this.log, logger: this.logger, clock: Date.now }).start();
    this.releaser.start();
    this.canaryKeeper.start();
  }

  /** Live streams would keep the server from closing. Their clients come back to another gateway. */
  onModuleDestroy(): void {
    this.streams.endAll();
    this.index.stop();
    this.releaser.stop();
    this.canaryKeeper.stop();
    this.canaries.close();
    this.registry.close();
    this.agents.close();
  }

  private async startIndex(): Promise<void> {
    try {
      await this.index.start();
    } catch (error) {
      this.logger.warn({ err: error }, 'the run index is started again');
      this.index.stop();
      setTimeout(() => void this.startIndex(), INDEX_RETRY_MS).unref();
    }
  }

  private startIntake(): void {
    const consumer = consumersOf(this.settings.HOLDFAST_PARTITIONS, []).find(({ name }) => name === 'gateway');
    if (consumer === undefined) throw new TypeError('the contracts declare no consumer for the gateway');
    const intake = new TaskIntake({ inbox: this.inbox, bus: this.bus, logger: this.logger, clock: Date.now });
    this.bus.work({
      consumer,
      concurrency: this.settings.HOLDFAST_INTAKE_CONCURRENCY,
      handle: (message) => intake.handle(message),
      onError: (error: unknown, message: WorkMessage) => this.logger.error({ err: error, subject: message.subject, sequence: message.sequence }, 'a task event could not be taken and will be tried again'),
      onMissing: (description) => this.logger.error({ description }, 'the consumer of task events is missing: run the installer'),
    });
  }
}

function depthOf(bus: Bus, settings: GatewaySettings): InboxDepth {
  return new InboxDepth((filter) => bus.count('INBOX', filter), { perTenant: settings.HOLDFAST_TENANT_TASKS, total: settings.HOLDFAST_WAITING_TASKS }, () => performance.now());
}
