import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus } from '@holdfast/bus';
import { subjects, type Erasure, type MemoryDocument } from '@holdfast/contracts';
import { BusDataKeyStore, DataKeys, MasterKeys, newMasterKey } from '@holdfast/data-keys';
import { JetStreamEventLog, type EventLog } from '@holdfast/event-log';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { DATABASES, openMemory, type TestDatabase } from '../database.fixture.js';
import { guideline } from '../guidelines.fixture.js';
import { ThreadProjection } from '../threads/thread-projection.js';
import { ThreadStore } from '../threads/thread-store.js';
import { tell, withKeys } from '../threads/threads.fixture.js';
import { Erasures } from './erasures.js';
import { removeOutdated } from './retention.js';

const PARTITIONS = 2;
const SCOPE = 'notes';

describe.each(DATABASES)('forgetting, in %s', (_name, createDatabase) => {
  let broker: TestBroker;
  let database: TestDatabase;
  let buses: readonly [gateway: Bus, orchestrator: Bus, memory: Bus];
  let written: Pick<EventLog, 'append'>;
  let memory: Awaited<ReturnType<typeof openMemory>>;
  let store: ThreadStore;
  let projection: ThreadProjection;
  let erasures: Erasures;

  beforeAll(async () => {
    [broker, database] = await Promise.all([startTestBroker({ partitions: PARTITIONS }), createDatabase()]);
    const [gateway, orchestrator, own] = await Promise.all((['gateway', 'orchestrator', 'memory'] as const).map((role) => Bus.connect({ url: broker.url, role, seed: broker.seedOf(role), name: `contract-forgetting-${role}` })));
    buses = [gateway, orchestrator, own] as typeof buses;
    const masters = MasterKeys.parse(newMasterKey());
    const [writing, reading] = [buses[1], buses[2]].map((bus) => new DataKeys(new BusDataKeyStore(bus), masters)) as [DataKeys, DataKeys];
    written = withKeys(new JetStreamEventLog(buses[1], PARTITIONS, undefined, {}, writing), writing);
    const log = new JetStreamEventLog(buses[2], PARTITIONS, undefined, {}, reading);
    memory = await openMemory(database.url, undefined, log);
    store = new ThreadStore(memory.dataSource);
    projection = new ThreadProjection({ log, store, onError: (error) => { throw error; } });
    erasures = new Erasures({ bus: buses[2], dataSource: memory.dataSource, caughtUp: async () => void (await Promise.all([memory.readings.caughtUp(), projection.caughtUp()])) });
  });
  afterAll(async () => {
    await memory.close();
    await Promise.all(buses.map((bus) => bus.close()));
    await Promise.all([broker.stop(), database.close()]);
  });

  const order = async (dataSubject: string, at = Date.now(), tenant = 'acme'): Promise<void> => {
    const erasure: Erasure = { at, by: 'ada', reason: 'asked for' };
    expect(await buses[0].publish(subjects.erasure(tenant, dataSubject), JSON.stringify(erasure))).toMatchObject({ status: 'stored' });
  };
  const ingest = (document: Partial<MemoryDocument> & { readonly documentId: string; readonly text: string }, tenant = 'acme') => memory.service.ingest({ tenant, scope: SCOPE, document: guideline('late-delivery', document) });
  const found = async (query: string, tenant = 'acme'): Promise<readonly string[]> => (await memory.service.search({ tenant, scopes: [SCOPE], query, limit: 20 })).passages.map(({ text }) => text);
  const holds = async (text: string): Promise<readonly string[]> => {
    const tables: readonly { table_name: string }[] = await database.owner.query(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_name LIKE 'memory%'`);
    const counts = await Promise.all(tables.map(async ({ table_name: table }) => ({ table, rows: (await database.owner.query(`SELECT 1 FROM ${table} AS row WHERE row::text LIKE $1`, [`%${text}%`])) as unknown[] })));
    return counts.filter(({ rows }) => rows.length > 0).map(({ table }) => table);
  };

  it('takes a data subject\'s documents away, in all versions and passages, and leaves everybody else\'s', async () => {
    await ingest({ documentId: 'ada', text: 'Ada Lovelace lives in Rua Alfa.', dataSubjects: ['ada', 'charles'] });
    await ingest({ documentId: 'ada', text: 'Ada Lovelace lives in Rua Beta.', dataSubjects: ['ada'] });
    await ingest({ documentId: 'grace', text: 'Grace Hopper lives in Rua Gama.', dataSubjects: ['grace'] });
    await ingest({ documentId: 'ada', text: 'Another Ada lives in Rua Delta.', dataSubjects: ['ada'] }, 'rival');
    await order('ada');
    await erasures.carryOut();

    expect(await found('who lives in which Rua')).toEqual(['Grace Hopper lives in Rua Gama.']);
    expect(await found('who lives in which Rua', 'rival')).toEqual(['Another Ada lives in Rua Delta.']);
    expect(await holds('Lovelace')).toEqual([]);
    expect(await erasures.erased('acme', 'ada')).toEqual({ documents: 2, turns: 0 });
    // Repeated, it changes nothing; what comes later is theirs anew.
    await order('ada');
    await erasures.carryOut();
    expect(await erasures.erased('acme', 'ada')).toEqual({ documents: 2, turns: 0 });
    await ingest({ documentId: 'ada', text: 'Ada Lovelace is back.', dataSubjects: ['ada'] });
    expect(await found('is back')).toContain('Ada Lovelace is back.');
  });

  it('takes their turns away, and those of the same thread that may repeat them, for good: also from a projection that is made again', async () => {
    const at = Date.now() - 60_000;
    const run = (runId: string, goal: string, offset: number, dataSubject?: string, thread = 'talk') => tell(written, { key: { tenant: 'acme', runId }, thread, goal, at: at + offset, answer: `Answer to: ${goal}`, ...(dataSubject === undefined ? {} : { dataSubject }) });
    await run('t0', 'Hello.', 0);
    await run('t1', 'Mary Shelley has called.', 1_000, 'mary');
    await run('t2', 'What did Mary Shelley want?', 2_000);
    await run('t3', 'Mary Shelley in another thread.', 1_000, 'mary', 'other');
    await tell(written, { key: { tenant: 'acme', runId: 't4' }, thread: 'talk', goal: 'Of a later day.', at: at + 120_000, answer: 'Fine.' });
    await order('mary');
    await erasures.carryOut();
    const texts = async (): Promise<unknown> => (await store.read('acme', 'talk', 0)).turns.map(({ goal, answer, erased }) => [goal.text, answer?.text, erased]);
    const expected = [['Hello.', 'Answer to: Hello.', undefined], ['', undefined, true], ['', undefined, true], ['Of a later day.', 'Fine.', undefined]];

    expect(await texts()).toEqual(expected);
    expect(await holds('Shelley')).toEqual([]);
    expect(await erasures.erased('acme', 'mary')).toEqual({ documents: 0, turns: 3 });
    const before = await store.checksum();
    await store.reset();
    await projection.caughtUp();
    expect(await texts()).toEqual(expected);
    expect(await store.checksum()).toEqual(before);
    expect(await holds('Shelley')).toEqual([]);
  });

  it('takes what runs remembered of them, and lets a run that is still at work remember nothing more of it', async () => {
    const writer = (runId: string) => ({ runId, callId: 'c1-1', commit: 5 });
    const remember = (runId: string, text: string) => memory.service.remember({ tenant: 'acme', scope: SCOPE, title: 'Note', text, trust: 'model', secrecy: 'internal', writer: writer(runId) } as never);
    await tell(written, { key: { tenant: 'acme', runId: 'k1' }, goal: 'About Katherine.', at: Date.now() - 1_000, dataSubject: 'katherine' });
    await remember('k1', 'Katherine Johnson likes trajectories.');
    await remember('k1_c2-1', 'A child run knows Katherine Johnson too.');
    await remember('k2', 'Nothing of anybody.');
    await order('katherine');
    await erasures.carryOut();

    expect(await holds('Johnson')).toEqual([]);
    expect(await found('nothing of anybody')).toEqual(['Nothing of anybody.']);
    await expect(remember('k1', 'Katherine Johnson, once more.')).rejects.toMatchObject({ code: 'memory.subject-erased', retryable: false });
    await expect(remember('k1_c2-1', 'Katherine Johnson, once more.')).rejects.toMatchObject({ code: 'memory.subject-erased' });
  });

  it('loses no order that was given while it was away, and forgets those whose log comes late', async () => {
    await order('late');
    await tell(written, { key: { tenant: 'acme', runId: 'l1' }, thread: 'late', goal: 'Known late.', at: Date.now() - 5_000, answer: 'So late.', dataSubject: 'late' });
    const [second] = [new Erasures({ bus: buses[2], dataSource: memory.dataSource, caughtUp: async () => undefined })];
    await Promise.all([second.carryOut(), erasures.carryOut()]);
    await projection.caughtUp();
    expect(await store.read('acme', 'late', 0)).toMatchObject({ total: 1, turns: [{ erased: true, goal: { text: '' } }] });
    expect(await holds('Known late')).toEqual([]);
  });

  it('removes documents whose time is over, of the scopes that have one', async () => {
    await ingest({ documentId: 'old', text: 'An outdated fact about tulips.' });
    await ingest({ documentId: 'new', text: 'A recent fact about tulips.' });
    await memory.service.ingest({ tenant: 'acme', scope: 'kept', document: guideline('old', { text: 'An outdated fact that is kept.' }) });
    await database.owner.query(`UPDATE memory_version SET ingested_at = now() - interval '31 days' WHERE document_id = 'old'`);

    expect(await removeOutdated(memory.dataSource, [{ scope: SCOPE, days: 30 }], Date.now())).toBe(1);
    expect((await found('fact about tulips')).filter((text) => text.includes('tulips'))).toEqual(['A recent fact about tulips.']);
    expect(await holds('outdated fact about')).toEqual([]);
    expect((await memory.service.search({ tenant: 'acme', scopes: ['kept'], query: 'outdated fact', limit: 5 })).passages).toHaveLength(1);
    expect(await removeOutdated(memory.dataSource, [], Date.now())).toBe(0);
  });
});
