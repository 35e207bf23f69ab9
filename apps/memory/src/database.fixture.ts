import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase, type DatabaseSettings } from '@holdfast/deploy';
import { InMemoryEventLog, type EventLog } from '@holdfast/event-log';
import { DataSource } from 'typeorm';
import { DocumentStore } from './documents/document-store.js';
import { databaseOptions, openDatabase } from './documents/database.js';
import type { Embedder } from './embedding/embedder.js';
import { SentenceEncoder } from './embedding/sentence-encoder.js';
import { MemoryService } from './memory.service.js';
import { LogProjector } from './projection/log-projector.js';
import { readingsProjection } from './readings/readings-projection.js';
import { Revocations } from './revocation/revocations.js';
import { PassageSearch } from './search/passage-search.js';

/** An empty database of the specification's own on the server that is there, or on one that is started for it. */
export interface TestDatabase {
  readonly url: string;
  /** A connection as the server's owner, to look at and disturb what the service does. */
  readonly owner: DataSource;
  close(): Promise<void>;
}

/**
 * The databases that a suite is held against: the one that comes by itself, and a team's own, which DATABASE_URL names and where
 * the service is a user who owns its database and nothing else of the server.
 */
export const DATABASES: readonly (readonly [name: string, create: () => Promise<TestDatabase>])[] = [
  ['the database that comes by itself', () => createTestDatabase()],
  ['a database of DATABASE_URL', () => createForeignDatabase()],
];

export async function createTestDatabase(): Promise<TestDatabase> {
  return databaseOn(await startedServer({}), undefined);
}

async function createForeignDatabase(): Promise<TestDatabase> {
  const theirs = await startedServer({ environment: { ...process.env, DATABASE_URL: '' } });
  const server = await startDatabase({ directory: theirs.directory, environment: { ...process.env, HOLDFAST_DATABASE: '', DATABASE_URL: theirs.url } });
  return databaseOn({ ...theirs, url: server.url }, { user: `team_${randomUUID().slice(0, 8)}`, password: randomUUID() });
}

interface StartedServer {
  readonly url: string;
  readonly directory: string;
  stop(): Promise<void>;
}

async function startedServer(settings: Pick<DatabaseSettings, 'environment'>): Promise<StartedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-memory-'));
  const removed = () => rm(directory, { recursive: true, force: true });
  const server = await startDatabase({ ...settings, directory }).catch(async (error: unknown) => {
    await removed();
    throw error;
  });
  return { url: server.url, directory, stop: async () => { await server.stop(); await removed(); } };
}

async function databaseOn(server: StartedServer, team: { readonly user: string; readonly password: string } | undefined): Promise<TestDatabase> {
  const name = `memory_${randomUUID().replaceAll('-', '')}`;
  const administrator = await connect(server.url);
  if (team !== undefined) await administrator.query(`CREATE ROLE ${team.user} LOGIN PASSWORD '${team.password}'`);
  await administrator.query(`CREATE DATABASE ${name}${team === undefined ? '' : ` OWNER ${team.user}`}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const owner = await connect(url.href);
  // An extension that is there already is left alone; making it takes an administrator.
  if (team !== undefined) await owner.query('CREATE EXTENSION vector');
  if (team !== undefined) Object.assign(url, { username: team.user, password: team.password });
  return {
    url: url.href,
    owner,
    async close() {
      await owner.destroy();
      await administrator.query(`DROP DATABASE ${name} WITH (FORCE)`);
      if (team !== undefined) await administrator.query(`DROP ROLE ${team.user}`);
      await administrator.destroy();
      await server.stop();
    },
  };
}

/** One connection only, so that a session's locks and settings stay where they were made. */
async function connect(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, poolSize: 1, installExtensions: false, logging: false }).initialize();
}

const encoder = new SentenceEncoder();

/** The service as the module wires it, without the container; the model is loaded once for a whole specification. */
export async function openMemory(url: string, embedder: Embedder = encoder, log: EventLog = new InMemoryEventLog(1)) {
  const dataSource = await openDatabase(databaseOptions(url));
  const readings = new LogProjector(readingsProjection, { log, dataSource, onError: (error) => { throw error; } });
  await readings.start();
  const service = new MemoryService(new DocumentStore(dataSource), new PassageSearch(dataSource), embedder, new Revocations(dataSource), readings, log, Date.now);
  const close = async (): Promise<void> => {
    await readings.stop();
    await dataSource.destroy();
  };
  return { service, dataSource, readings, embedder, close };
}
