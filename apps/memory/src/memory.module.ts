import { Module, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseOptions, openDatabase } from './documents/database.js';
import { DocumentStore } from './documents/document-store.js';
import type { Embedder } from './embedding/embedder.js';
import { SentenceEncoder } from './embedding/sentence-encoder.js';
import { MemoryService } from './memory.service.js';
import { PassageSearch } from './search/passage-search.js';
import { CLOCK, DOCUMENT_STORE, EMBEDDER, PASSAGE_SEARCH } from './tokens.js';

/** How the memory service is set up. */
export interface MemoryModuleOptions {
  /** A libpq connection string of a database that may hold the `vector` extension. */
  readonly databaseUrl: string;
  /** Defaults to the offline sentence encoder. */
  readonly embedder?: Embedder;
}

/** A name of its own, so that another module in the same process can have another database. */
const connection = 'holdfast-memory';

/** Everything behind `MemoryService`. Creating the application migrates the database; closing it ends the pool. */
@Module({})
export class MemoryModule {
  static register({ databaseUrl, embedder }: MemoryModuleOptions): DynamicModule {
    return {
      module: MemoryModule,
      imports: [
        TypeOrmModule.forRootAsync({
          name: connection,
          useFactory: () => ({ ...databaseOptions(databaseUrl), retryAttempts: 1 }),
          // `openDatabase` waits for the database itself, and migrates under a lock, which the module would not.
          dataSourceFactory: () => openDatabase(databaseOptions(databaseUrl)),
        }),
      ],
      providers: [
        { provide: DOCUMENT_STORE, inject: [getDataSourceToken(connection)], useFactory: (dataSource: DataSource) => new DocumentStore(dataSource) },
        { provide: PASSAGE_SEARCH, inject: [getDataSourceToken(connection)], useFactory: (dataSource: DataSource) => new PassageSearch(dataSource) },
        { provide: EMBEDDER, useFactory: () => embedder ?? new SentenceEncoder() },
        { provide: CLOCK, useValue: Date.now },
        MemoryService,
      ],
      exports: [MemoryService],
    };
  }
}
