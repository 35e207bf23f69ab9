import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Bus } from '@holdfast/bus';
import { JetStreamEventLog } from '@holdfast/event-log';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { DATABASES, type TestDatabase } from '../database.fixture.js';
import { databaseOptions, openDatabase } from '../documents/database.js';
import { ThreadProjection, type ThreadProjectionOptions } from './thread-projection.js';
import { ThreadStore } from './thread-store.js';
import { tell, type ToldRun } from './threads.fixture.js';

const PARTITIONS = 2;

describe.each(DATABASES)('threads, projected from the log into %s', (_name, createDatabase) => {
  let broker: TestBroker;
  let database: TestDatabase;
  let writer: Bus;
  let reader: Bus;
  let written: JetStreamEventLog;
  let log: JetStreamEventLog;
  let dataSource: DataSource;
  let store: ThreadStore;

  beforeAll(async () => {
    [broker, database] = await Promise.all([startTestBroker({ partitions: PARTITIONS }), createDatabase()]);
    writer = await Bus.connect({ url: broker.url, role: 'orchestrator', seed: broker.seedOf('orchestrator'), name: 'contract-threads-writer' });
    reader = await Bus.connect({ url: broker.url, role: 'memory', seed: broker.seedOf('memory'), name: 'contract-threads' });
    written = new JetStreamEventLog(writer, PARTITIONS);
    log = new JetStreamEventLog(reader, PARTITIONS);
    dataSource = await openDatabase(databaseOptions(database.url));
    store = new ThreadStore(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await Promise.all([writer.close(), reader.close()]);
    await Promise.all([broker.stop(), database.close()]);
  });

  const projection = (options: Partial<ThreadProjectionOptions> = {}): ThreadProjection => new ThreadProjection({ log, store, onError: (error) => { throw error; }, ...options });
  const tellAll = (runs: readonly ToldRun[]): Promise<unknown> => Promise.all(runs.map((run) => tell(written, run)));
  const many = (name: string, count: number, thread = name): readonly ToldRun[] => Array.from({ length: count }, (_, index): ToldRun => ({ key: { tenant: index % 3 === 0 ? 'rival' : 'acme', runId: `${name}-${index}` }, thread, goal: `Goal ${index}.`, at: 1_000 * index, ...(index % 4 === 0 ? {} : { answer: `Answer ${index}.` }) }));

  it('tell who asked what, what was answered and when, with its labels, in the order in which it was asked', async () => {
    await tellAll([
      { key: { tenant: 'acme', runId: 'told-2' }, thread: 'told', goal: 'Now pay it.', at: 5_000, requester: 'otto' },
      { key: { tenant: 'acme', runId: 'told-1' }, thread: 'told', goal: 'Look at invoice 7.', at: 1_000, answer: 'It is due.' },
      { key: { tenant: 'acme', runId: 'told-0' }, goal: 'Of no thread.', at: 1_000, answer: 'Nothing.' },
      { key: { tenant: 'rival', runId: 'told-1' }, thread: 'told', goal: 'Of another tenant.', at: 1_000 },
    ]);
    await projection().caughtUp();

    expect(await store.read('acme', 'told', 0)).toEqual({
      total: 2,
      turns: [
        { runId: 'told-1', requester: 'ada', askedAt: 1_000, status: 'completed', endedAt: 2_000, goal: { text: 'Look at invoice 7.', label: { trust: 'user', secrecy: 'internal', source: 'thread told run told-1 goal' } }, answer: { text: 'It is due.', label: { trust: 'third-party', secrecy: 'internal', source: 'thread told run told-1 answer' } } },
        { runId: 'told-2', requester: 'otto', askedAt: 5_000, status: 'running', goal: { text: 'Now pay it.', label: { trust: 'user', secrecy: 'internal', source: 'thread told run told-2 goal' } } },
      ],
    });
    expect(await store.read('rival', 'told', 0)).toMatchObject({ total: 1, turns: [{ goal: { text: 'Of another tenant.' } }] });
    expect(await store.read('acme', 'nowhere', 0)).toEqual({ total: 0, turns: [] });
    expect((await store.read('acme', 'told', 1)).turns.map(({ runId }) => runId)).toEqual(['told-2']);
  });

  it('hold texts that Postgres cannot store, with a sign in place of what it refuses', async () => {
    await tellAll([{ key: { tenant: 'acme', runId: 'odd-1' }, thread: 'odd', goal: 'a\u0000b\ud800c', at: 1, answer: '\u0000' }]);
    await projection().caughtUp();
    expect((await store.read('acme', 'odd', 0)).turns[0]).toMatchObject({ goal: { text: 'a\u2400b\ufffdc' }, answer: { text: '\u2400' } });
  });

  it('are the same, by checksum, when they are made again from nothing while new runs arrive, killed half-way and begun again', async () => {
    await tellAll(many('rebuilt', 60));
    await projection().caughtUp();
    const before = await store.checksum();
    expect(before.turns).toBeGreaterThanOrEqual(60);

    await store.reset();
    expect((await store.checksum()).turns).toBe(0);
    // It dies with a step in its hand: the database ends its connections, and nobody goes on.
    let reads = 0;
    const killed = projection({ onError: () => undefined, log: { partitions: log.partitions, lastStored: (partition) => log.lastStored(partition), readPartition: async (partition, sequence) => {
      if ((reads += 1) > 9) throw new Error('killed');
      return log.readPartition(partition, sequence, 7);
    } } });
    await Promise.all([killed.caughtUp().catch(() => undefined), tellAll(many('meanwhile', 20)), database.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)]);
    await killed.stop();
    const left = await store.checksum();

    // Begun again, from where it was and then from nothing; each time by two instances at once.
    await Promise.all([projection().caughtUp(), projection().caughtUp()]);
    const first = await store.checksum();
    await store.reset();
    await Promise.all([projection().caughtUp(), projection().caughtUp()]);
    const second = await store.checksum();

    expect(left.checksum).not.toBe(first.checksum);
    expect(second).toEqual(first);
    expect(second.turns).toBe(before.turns + 20);
    // What was there before is there again, row by row.
    await dataSource.query(`DELETE FROM memory_thread_turn WHERE thread = 'meanwhile'`);
    expect(await store.checksum()).toEqual(before);
    await store.reset();
    await projection().caughtUp();
    expect(await store.checksum()).toEqual(first);
  });

  it('are brought up to date by whoever follows the log when another begins them anew', async () => {
    const live = projection();
    await live.caughtUp();
    const before = await store.checksum();
    await new ThreadStore(dataSource).reset();
    expect(await live.behind()).toBeGreaterThan(0);
    await live.caughtUp();
    expect(await live.behind()).toBe(0);
    expect(await store.checksum()).toEqual(before);
  });

  it('do not go on from a log that is another one', async () => {
    await projection().caughtUp();
    await dataSource.query(`UPDATE memory_thread_position SET hash = repeat('0', 64) WHERE sequence > 0`);
    await expect(projection().caughtUp()).rejects.toMatchObject({ code: 'memory.log-changed', retryable: false });
    await store.reset();
    await projection().caughtUp();
  });

  it('take a step once, though its answer was lost, and refuse it to whoever stood elsewhere', async () => {
    const from = await store.position(0);
    const to = { ...from, sequence: from.sequence + 1_000_000, hash: 'b'.repeat(64) };
    const nothing = { begun: [], ended: [], subjects: [] };
    expect(await store.advance(0, from, to, nothing)).toBe(true);
    expect(await store.advance(0, from, to, nothing)).toBe(true);
    expect(await store.advance(0, from, { ...to, hash: 'c'.repeat(64) }, nothing)).toBe(false);
    await store.reset();
    expect(await store.advance(0, to, { ...to, sequence: to.sequence + 1 }, nothing)).toBe(false);
    await projection().caughtUp();
  });
});
