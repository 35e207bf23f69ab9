import { Logger, Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { EventLog } from '@holdfast/event-log';
import type { DataSource } from 'typeorm';
import { databaseOptions, openDatabase } from './documents/database.js';
import { DocumentStore } from './documents/document-store.js';
import type { Embedder } from './embedding/embedder.js';
import { SentenceEncoder } from './embedding/sentence-encoder.js';
import { MemoryService } from './memory.service.js';
import { LogProjector } from './projection/log-projector.js';
import { readingsProjection } from './readings/readings-projection.js';
import { Revocations } from './revocation/revocations.js';
import { PassageSearch } from './search/passage-search.js';
import { CLOCK, CONNECTION, DOCUMENT_STORE, EMBEDDER, LOG, PASSAGE_SEARCH, READINGS, REVOCATIONS } from './tokens.js';

/** How the memory service is set up. */
export interface MemoryModuleOptions {
  /** A libpq connection string of a database that may hold the `vector` extension. */
  readonly databaseUrl: string;
  /** Where the log is read, which tells who read what. */
  readonly log: Pick<FactoryProvider<Pick<EventLog, 'partitions' | 'follow' | 'readRun'>>, 'inject' | 'useFactory'>;
  /** Defaults to the offline sentence encoder. */
  readonly embedder?: Embedder;
}

const logger = new Logger('MemoryModule');

/** Everything behind `MemoryService`. Creating the application migrates the database; closing it ends the pool. */
@Module({})
export class MemoryModule {
  static register({ databaseUrl, log, embedder }: MemoryModuleOptions): DynamicModule {
    return {
      module: MemoryModule,
      imports: [
        TypeOrmModule.forRootAsync({
          name: CONNECTION,
          useFactory: () => ({ ...databaseOptions(databaseUrl), retryAttempts: 1 }),
          // `openDatabase` waits for the database itself, and migrates under a lock, which the module would not.
          dataSourceFactory: () => openDatabase(databaseOptions(databaseUrl)),
        }),
      ],
      providers: [
        { provide: DOCUMENT_STORE, inject: [getDataSourceToken(CONNECTION)], useFactory: (dataSource: DataSource) => new DocumentStore(dataSource) },
        { provide: PASSAGE_SEARCH, inject: [getDataSourceToken(CONNECTION)], useFactory: (dataSource: DataSource) => new PassageSearch(dataSource) },
        { provide: REVOCATIONS, inject: [getDataSourceToken(CONNECTION)], useFactory: (dataSource: DataSource) => new Revocations(dataSource) },
        { provide: LOG, ...log },
        {
          provide: READINGS, inject: [LOG, getDataSourceToken(CONNECTION)],
          useFactory: (events: Pick<EventLog, 'partitions' | 'follow'>, dataSource: DataSource) => new LogProjector(readingsProjection, { log: events, dataSource, onError: (error) => logger.error('What the log tells of who read what could not be stored; it is tried again.', error) }),
        },
        { provide: EMBEDDER, useFactory: () => embedder ?? new SentenceEncoder() },
        { provide: CLOCK, useValue: Date.now },
        MemoryService,
      ],
      exports: [MemoryService, READINGS],
    };
  }
}
