import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Bus, type RequestContext } from '@holdfast/bus';
import { memoryFileRequest, memoryIngestRequest, memoryOutcomeRequest, memoryReadersRequest, memoryRememberRequest, memoryRevokeRequest, memorySearchRequest, subjects } from '@holdfast/contracts';
import { SPAN, extractContext, withWorkSpan, type Logger } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, Readiness, readSecret } from '@holdfast/service';
import type { EventLog } from '@holdfast/event-log';
import type { z } from 'zod';
import type { Embedder } from './embedding/embedder.js';
import { embedderOf } from './embedding/embedder-of.js';
import { MemoryModule } from './memory.module.js';
import { MemoryService } from './memory.service.js';
import { ForgettingModule } from './forgetting/forgetting.module.js';
import { ThreadsModule } from './threads/threads.module.js';
import { seedFolder } from './seed/seed-folder.js';
import type { MemorySettings } from './settings.js';

const MEMORY_SETTINGS = Symbol('MemorySettings');

/** Memory on the bus. */
@Module({})
export class MemoryServiceModule implements OnApplicationBootstrap {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(MemoryService) private readonly memory: MemoryService,
    @Inject(MEMORY_SETTINGS) private readonly settings: MemorySettings,
  ) {}

  static register(settings: MemorySettings): DynamicModule {
    const memory = MemoryModule.register({ databaseUrl: settings.DATABASE_URL, embedder: embedderFor(settings), log: { inject: [EVENT_LOG], useFactory: (log: EventLog) => log } });
    return { module: MemoryServiceModule, imports: [memory, ThreadsModule, ForgettingModule.register(memory, settings.HOLDFAST_MEMORY_RETENTION)], providers: [{ provide: MEMORY_SETTINGS, useValue: settings }] };
  }

  onApplicationBootstrap(): void {
    this.readiness.add('memory', async () => (await this.memory.readiness()).ready);
    const { memory } = this;
    this.serve(subjects.memorySearch(), memorySearchRequest, SPAN.memorySearch, (request) => memory.search(request));
    this.serve(subjects.memoryIngest(), memoryIngestRequest, SPAN.memoryIngest, (request) => memory.ingest(request));
    this.serve(subjects.memoryFile(), memoryFileRequest, SPAN.memoryIngest, (request) => memory.ingestFile(request));
    this.serve(subjects.memoryRemember(), memoryRememberRequest, SPAN.memoryIngest, (request) => memory.remember(request));
    this.serve(subjects.memoryOutcome(), memoryOutcomeRequest, SPAN.memoryIngest, (request) => memory.ingestOutcome(request));
    this.serve(subjects.memoryRevoke(), memoryRevokeRequest, SPAN.memoryRevoke, (request) => memory.revoke(request));
    this.serve(subjects.memoryReaders(), memoryReadersRequest, SPAN.memoryRevoke, (request) => memory.readers(request));
    this.seed();
  }

  private serve<T>(subject: string, schema: z.ZodType<T>, name: string, answer: (request: T) => Promise<unknown>): void {
    this.bus.serve(subject, schema, (request: T, context: RequestContext) => withWorkSpan({ name, kind: 'server', parent: extractContext({ get: (header) => context.header(header) }) }, () => answer(request)));
  }

  private seed(): void {
    const { HOLDFAST_MEMORY_SEED: folder, HOLDFAST_MEMORY_SEED_TENANT: tenant, HOLDFAST_MEMORY_SEED_SCOPE: scope } = this.settings;
    if (folder === undefined) return;
    let seeded = false;
    this.readiness.add('seeded', () => seeded);
    void seedFolder(folder, { tenant, scope, ingest: (request) => this.memory.ingest(request) }).then(
      (answers) => {
        seeded = true;
        this.logger.info({ documents: answers.length, changed: answers.filter((answer) => !answer.unchanged).length }, 'memory is seeded');
      },
      (error: unknown) => this.logger.error({ err: error }, 'memory could not be seeded'),
    );
  }
}

function embedderFor(settings: MemorySettings): Embedder {
  const key = readSecret(settings.HOLDFAST_EMBEDDER_KEY, settings.HOLDFAST_EMBEDDER_KEY_FILE, 'HOLDFAST_EMBEDDER_KEY');
  return embedderOf({ name: settings.HOLDFAST_EMBEDDER, url: settings.HOLDFAST_EMBEDDER_URL, key, dimensions: settings.HOLDFAST_EMBEDDER_DIMENSIONS });
}
