import { DataSource, type DataSourceOptions } from 'typeorm';
import { PositionEntity } from '../projection/position.entity.js';
import { DescentEntity } from '../readings/descent.entity.js';
import { ReadingEntity } from '../readings/reading.entity.js';
import { DocumentEntity } from './document.entity.js';
import { EmbedderEntity } from './embedder.entity.js';
import { CreateMemory1764000000000 } from './migrations/1764000000000-create-memory.js';
import { Provenance1764200000000 } from './migrations/1764200000000-provenance.js';
import { Readings1764300000000 } from './migrations/1764300000000-readings.js';
import { Dimensions1764330000000 } from './migrations/1764330000000-dimensions.js';
import { PassageEntity } from './passage.entity.js';
import { throughReconnects } from './reconnects.js';
import { RevocationEntity } from '../revocation/revocation.entity.js';
import { VersionEntity } from './version.entity.js';
import { ErasedRunEntity, ErasureEntity, RunSubjectEntity, VersionSubjectEntity } from '../forgetting/forgetting.entities.js';
import { Forgetting1764320000000 } from '../forgetting/migrations/1764320000000-forgetting.js';
import { Threads1764310000000 } from '../threads/migrations/1764310000000-threads.js';
import { ThreadPositionEntity } from '../threads/thread-position.entity.js';
import { ThreadTurnEntity } from '../threads/thread-turn.entity.js';

/** An arbitrary number that only this service uses for its migrations' advisory lock. */
const migrationLock = 7_264_118_301;

/** TypeORM's options for a connection string as libpq defines it. Nothing is ever synchronised from the entities. */
export function databaseOptions(databaseUrl: string): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl,
    applicationName: 'holdfast-memory',
    entities: [DescentEntity, DocumentEntity, EmbedderEntity, ErasedRunEntity, ErasureEntity, PassageEntity, PositionEntity, ReadingEntity, RevocationEntity, RunSubjectEntity, ThreadPositionEntity, ThreadTurnEntity, VersionEntity, VersionSubjectEntity],
    migrations: [CreateMemory1764000000000, Provenance1764200000000, Readings1764300000000, Threads1764310000000, Forgetting1764320000000, Dimensions1764330000000],
    migrationsTableName: 'memory_migration',
    synchronize: false,
    installExtensions: false,
    logging: false,
    poolSize: 8,
    connectTimeoutMS: 5_000,
    // A statement that waits longer (for a lock, or on a stalled server) is given up, not left to hold a connection.
    extra: { keepAlive: true, statement_timeout: 20_000 },
  };
}

/**
 * Connects and brings the schema up to date. Several processes may do so at once: an advisory lock lets one migrate and
 * the others find it done. Throws `HoldfastError` `memory.database-unavailable` when the database stays unreachable.
 */
export async function openDatabase(options: DataSourceOptions): Promise<DataSource> {
  return throughReconnects(async () => {
    const dataSource = new DataSource(options);
    try {
      await dataSource.initialize();
      await migrate(dataSource);
      return dataSource;
    } catch (error) {
      if (dataSource.isInitialized) await dataSource.destroy();
      throw error;
    }
  });
}

async function migrate(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner();
  try {
    // Waiting for another process's migration may take longer than a statement otherwise should.
    await holder.query('SET statement_timeout = 0');
    await holder.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    await dataSource.runMigrations({ transaction: 'all' });
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
    await holder.query('RESET statement_timeout').catch(() => undefined);
    await holder.release();
  }
}
