import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATABASES, type TestDatabase } from '../database.fixture.js';
import { databaseOptions, openDatabase } from './database.js';

describe.each(DATABASES)('the memory database: %s', (_name, createDatabase) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.close());

  it('is migrated from empty once, whoever opens it at the same time', async () => {
    const opened = await Promise.all([1, 2, 3].map(() => openDatabase(databaseOptions(database.url))));
    const applied = await database.owner.query('SELECT name FROM memory_migration');
    await Promise.all(opened.map((dataSource) => dataSource.destroy()));

    expect(applied).toEqual([{ name: 'CreateMemory1764000000000' }, { name: 'Provenance1764200000000' }, { name: 'Readings1764300000000' }, { name: 'Threads1764310000000' }, { name: 'Forgetting1764320000000' }, { name: 'Dimensions1764330000000' }]);
  });

  it('has no drift between its tables and the entities, and all its indexes', async () => {
    const dataSource = await openDatabase(databaseOptions(database.url));
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    const indexes: readonly { indexdef: string }[] = await dataSource.query(`SELECT indexdef FROM pg_indexes WHERE tablename = 'memory_passage'`);
    await dataSource.destroy();

    expect(upQueries).toEqual([]);
    expect(indexes.map(({ indexdef }) => indexdef)).toEqual(
      expect.arrayContaining([expect.stringContaining('USING hnsw (embedding vector_cosine_ops)'), expect.stringContaining('USING gin (search)')]),
    );
  });

  it('can be taken back to empty and migrated again', async () => {
    const dataSource = await openDatabase(databaseOptions(database.url));
    for (const _migration of dataSource.migrations) await dataSource.undoLastMigration();
    const left = await dataSource.query(`SELECT tablename FROM pg_tables WHERE tablename LIKE 'memory_%' AND tablename <> 'memory_migration'`);
    await dataSource.runMigrations();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    await dataSource.destroy();

    expect(left).toEqual([]);
    expect(upQueries).toEqual([]);
  });

  it('refuses a passage without labels and a second embedding model by itself', async () => {
    await database.owner.query(`INSERT INTO memory_embedder (name, dimensions) VALUES ('one', 512)`);
    const labelled = `INSERT INTO memory_document (tenant, scope, document_id, digest, title, source, author, written_at, trust, secrecy, metadata, chunks)`;

    await expect(database.owner.query(`INSERT INTO memory_embedder (name, dimensions) VALUES ('two', 512)`)).rejects.toMatchObject({ code: '23505' });
    await expect(database.owner.query(`${labelled} VALUES ('a', 'b', 'c', 'd', 'e', 'urn:f', 'g', now(), NULL, 'public', '{}', 1)`)).rejects.toMatchObject({ code: '23502' });
    await expect(database.owner.query(`${labelled} VALUES ('a', 'b', 'c', 'd', 'e', 'urn:f', 'g', now(), 'absolute', 'public', '{}', 1)`)).rejects.toMatchObject({ code: '23514' });
  });
});
