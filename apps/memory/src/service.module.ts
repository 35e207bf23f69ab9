import { Inject, Module, type DynamicModule, type OnApplicationBootstrap } from '@nestjs/common';
import { Bus, type RequestContext } from '@holdfast/bus';
import { memoryFileRequest, memoryIngestRequest, memoryRememberRequest, memorySearchRequest, subjects } from '@holdfast/contracts';
import { SPAN, extractContext, withWorkSpan, type Logger } from '@holdfast/observability';
import { BUS, LOGGER, Readiness } from '@holdfast/service';
import { MemoryModule } from './memory.module.js';
import { MemoryService } from './memory.service.js';
import { seedFolder } from './seed/seed-folder.js';
import type { MemorySettings } from './settings.js';

const MEMORY_SETTINGS = Symbol('MemorySettings');

/** Memory on the bus: ingestion and search. */
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
    return { module: MemoryServiceModule, imports: [MemoryModule.register({ databaseUrl: settings.DATABASE_URL })], providers: [{ provide: MEMORY_SETTINGS, useValue: settings }] };
  }

  onApplicationBootstrap(): void {
    const parent = (context: RequestContext): ReturnType<typeof extractContext> => extractContext({ get: (name) => context.header(name) });
    this.readiness.add('memory', async () => (await this.memory.readiness()).ready);
    this.bus.serve(subjects.memorySearch(), memorySearchRequest, (question, context) => withWorkSpan({ name: SPAN.memorySearch, kind: 'server', parent: parent(context) }, () => this.memory.search(question)));
    this.bus.serve(subjects.memoryIngest(), memoryIngestRequest, (document, context) => withWorkSpan({ name: SPAN.memoryIngest, kind: 'server', parent: parent(context) }, () => this.memory.ingest(document)));
    this.bus.serve(subjects.memoryFile(), memoryFileRequest, (file, context) => withWorkSpan({ name: SPAN.memoryIngest, kind: 'server', parent: parent(context) }, () => this.memory.ingestFile(file)));
    this.bus.serve(subjects.memoryRemember(), memoryRememberRequest, (text, context) => withWorkSpan({ name: SPAN.memoryIngest, kind: 'server', parent: parent(context) }, () => this.memory.remember(text)));
    this.seed();
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
