import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { identityOf } from '../../bootstrap/process-identity.mjs';
import type { DatabaseSource, RunningDatabase } from './running-database.js';
import { startDatabase } from './start.js';

// On a busy machine, PGlite alone takes several seconds to be created, and the wheel may have to be obtained first.
jest.setTimeout(180_000);

async function query(url: string, ...statements: string[]): Promise<unknown> {
  const source = await new DataSource({ type: 'postgres', url, poolSize: 1, installExtensions: false }).initialize();
  try {
    let rows: unknown;
    for (const statement of statements) rows = await source.query(statement);
    return rows;
  } finally {
    await source.destroy();
  }
}

describe.each<Exclude<DatabaseSource, 'environment'>>(['wheel', 'pglite'])('a database of our own from %s', (source) => {
  let folder: string;
  let database: RunningDatabase;
  const start = (directory: string): Promise<RunningDatabase> => startDatabase({ directory, environment: { ...process.env, HOLDFAST_DATABASE: source } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-database-'));
    // As root's children, the servers are another user, who must be able to pass.
    await chmod(folder, 0o711);
    database = await start(join(folder, 'one'));
  });
  afterAll(async () => {
    await database.stop();
    await rm(folder, { recursive: true });
  });

  it('searches by vectors and knows the case of letters', async () => {
    expect(database.source).toBe(source);
    expect(await query(database.url, 'CREATE EXTENSION IF NOT EXISTS vector', "SELECT '[1,0]'::vector <=> '[0,1]'::vector AS distance, lower('Ä') AS lower")).toEqual([{ distance: 1, lower: 'ä' }]);
  });

  it('keeps what it committed over SIGKILL under a client that is at work, at the same address', async () => {
    await query(database.url, 'CREATE TABLE kept (word text)', "INSERT INTO kept VALUES ('a word')");
    const client = await new DataSource({ type: 'postgres', url: database.url, poolSize: 1, installExtensions: false, poolErrorHandler: () => undefined }).initialize();
    await client.query('SELECT 1');
    const { pid = 0 } = database;
    await database.kill();
    expect(identityOf(pid)).toBeUndefined();
    expect(database.pid).toBeUndefined();
    await database.restart();
    await client.destroy();
    expect(await query(database.url, 'SELECT word FROM kept')).toEqual([{ word: 'a word' }]);
    expect(database.pid).not.toBe(pid);
  });

  it('does not meet another beside it, and a used folder is used again', async () => {
    const other = await start(join(folder, 'other'));
    try {
      expect(await query(other.url, "SELECT count(*)::int AS count FROM pg_tables WHERE tablename = 'kept'")).toEqual([{ count: 0 }]);
      await query(other.url, 'CREATE TABLE mine (id int)');
    } finally {
      await other.stop();
    }
    const again = await start(join(folder, 'other'));
    try {
      expect(await query(again.url, 'SELECT count(*)::int AS count FROM mine')).toEqual([{ count: 0 }]);
    } finally {
      await again.stop();
    }
  });

  if (source === 'wheel') {
    it('lets nobody in without the password', async () => {
      const url = new URL(database.url);
      url.password = 'guess';
      await expect(query(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    });
  }
});

describe('the choice of a database', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-choice-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is PGlite, with the reason, when the wheel cannot be obtained', async () => {
    const lines: string[] = [];
    const database = await startDatabase({ directory: join(folder, 'fallback'), environment: { PATH: '', HOLDFAST_CACHE: join(folder, 'cache'), PIP_INDEX_URL: 'http://127.0.0.1:9/' }, report: (line) => void lines.push(line) });
    await database.stop();
    expect([database.source, database.fallbackReason]).toEqual(['pglite', expect.stringContaining('could not be obtained')]);
    expect(lines.at(-1)).toMatch(/^Using PGlite/);
  });

  it('is the server that DATABASE_URL names, which must answer and is not ours to kill', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `postgres://somebody@127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/theirs`;
    const database = await startDatabase({ directory: folder, environment: { DATABASE_URL: url } });
    expect([database.url, database.source, database.pid]).toEqual([url, 'environment', undefined]);
    await expect(database.kill()).rejects.toMatchObject({ code: 'database.not_ours' });
    await database.stop();
    await new Promise((resolve) => server.close(resolve));
    await expect(startDatabase({ directory: folder, environment: { DATABASE_URL: url } })).rejects.toMatchObject({ code: 'database.unreachable', message: expect.not.stringContaining('somebody') });
  });

  it('is refused when it is none', async () => {
    await expect(startDatabase({ directory: folder, environment: { DATABASE_URL: 'mysql://x/y' } })).rejects.toMatchObject({ code: 'database.bad_url' });
    await expect(startDatabase({ directory: folder, environment: { HOLDFAST_DATABASE: 'oracle' } })).rejects.toMatchObject({ code: 'database.bad_choice' });
  });
});
