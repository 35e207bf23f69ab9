import 'reflect-metadata';
import { setImmediate } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InMemoryEventLog } from '@holdfast/event-log';
import { createTestDatabase, type TestDatabase } from './database.fixture.js';
import { guideline } from './guidelines.fixture.js';
import { MemoryModule } from './memory.module.js';
import { MemoryService } from './memory.service.js';

describe('MemoryModule', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.close());

  const connections = async (): Promise<number> => {
    const open: readonly unknown[] = await database.owner.query(`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'holdfast-memory'`);
    return open.length;
  };

  it('migrates an empty database, loads the model in the background, serves, and lets go of every connection', async () => {
    const application = await NestFactory.createApplicationContext(MemoryModule.register({ databaseUrl: database.url, log: { useFactory: () => new InMemoryEventLog(2) } }), { logger: false, abortOnError: false });
    const service = application.get(MemoryService);
    const atStart = await service.readiness();
    expect(await connections()).toBeGreaterThan(0);

    await service.ingest({ tenant: 'acme', scope: 'guidelines', document: guideline('late-delivery') });
    const { passages } = await service.search({ tenant: 'acme', scopes: ['guidelines'], query: 'late goods', limit: 1 });
    const served = await service.readiness();
    await application.close();
    // The server notices a closed connection a moment later; one that stays open ends this test by Jest's own limit.
    while ((await connections()) > 0) await setImmediate();

    expect(atStart.database).toBe('up');
    expect(['loading', 'ready']).toContain(atStart.embedder);
    expect(passages).toEqual([expect.objectContaining({ documentId: 'late-delivery', trust: 'organisation' })]);
    expect(served).toEqual({ ready: true, database: 'up', embedder: 'ready' });
  });
});
