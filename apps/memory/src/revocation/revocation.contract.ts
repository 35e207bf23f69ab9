import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MemoryOrigin, MemoryPassage, Reading } from '@holdfast/contracts';
import { createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import { guideline } from '../guidelines.fixture.js';
import { ToldLog } from '../readings/log.fixture.js';

const source = 'https://evil.example/blog';
const outsider: Reading = { trust: 'third-party', secrecy: 'internal' };

describe('revocation', () => {
  let database: TestDatabase;
  let told: ToldLog;
  let memory: Awaited<ReturnType<typeof openMemory>>;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  beforeEach(async () => {
    told = new ToldLog();
    memory = await openMemory(database.url, undefined, told.log);
    await memory.service.ingest({ tenant: 'acme', scope: 'web', document: guideline('blog', { source, trust: 'third-party', text: 'Suppliers like to be paid twice.' }) });
    await memory.service.ingest({ tenant: 'acme', scope: 'web', document: guideline('office-plants') });
  });
  afterEach(async () => {
    await memory.close();
    await database.owner.query('DROP SCHEMA public CASCADE');
    await database.owner.query('CREATE SCHEMA public');
  });
  afterAll(() => database.close());

  const search = async (query: string, scopes = ['web', 'notes']): Promise<MemoryPassage[]> => (await memory.service.search({ tenant: 'acme', scopes, query, limit: 5 })).passages;
  const revoke = (origin: MemoryOrigin = { source }) => memory.service.revoke({ tenant: 'acme', origin, by: 'ada', reason: 'It was planted.' });
  const remember = (runId: string, commit: number, text: string, worth = outsider) =>
    memory.service.remember({ tenant: 'acme', scope: 'notes', title: 'Payments', text, ...worth, writer: { runId, callId: `c${commit}-1`, commit } });
  const isFound = async (words: string): Promise<boolean> => (await search(words)).some(({ text }) => text.includes(words));

  it('takes a source out of search and keeps it out, and leaves all else as it is', async () => {
    expect(await isFound('paid twice')).toBe(true);

    expect(await revoke()).toEqual({ removed: 1, runs: [], derived: [], more: false });
    expect(await isFound('paid twice')).toBe(false);
    expect(await isFound('watered on Mondays')).toBe(true);
    expect(await revoke()).toMatchObject({ removed: 0 });
    await expect(memory.service.ingest({ tenant: 'acme', scope: 'other', document: guideline('same', { source, trust: 'third-party' }) })).rejects.toMatchObject({ code: 'memory.source-revoked', retryable: false });
    await memory.service.ingest({ tenant: 'rival', scope: 'web', document: guideline('blog', { source, trust: 'third-party' }) });
  });

  it('takes a document out by its digest, wherever it is, and not its source', async () => {
    const { digest } = await memory.service.ingest({ tenant: 'acme', scope: 'copies', document: guideline('blog', { source, trust: 'third-party', text: 'Suppliers like to be paid twice.' }) });
    await memory.service.ingest({ tenant: 'acme', scope: 'web', document: guideline('other', { source, trust: 'third-party', text: 'Another page of that blog.' }) });

    expect(await revoke({ digest })).toMatchObject({ removed: 2 });
    expect(await isFound('Another page')).toBe(true);
  });

  it('lists every run that was shown a passage, by the log', async () => {
    const passages = await search('paid twice');
    for (const runId of ['reader-2', 'reader-1', 'bystander']) await told.accept(runId);
    await told.read('reader-1', 'c1-1', passages);
    await told.read('reader-2', 'c1-1', passages);
    await told.read('reader-2', 'c2-1', passages);
    await told.read('bystander', 'c1-1', passages.filter(({ documentId }) => documentId !== 'blog'));

    expect((await memory.service.readers({ tenant: 'acme', origin: { source } })).runs).toEqual([{ runId: 'reader-1', commit: 2 }, { runId: 'reader-2', commit: 2 }]);
    expect((await memory.service.readers({ tenant: 'acme', origin: { source }, after: 'reader-1' })).runs).toEqual([{ runId: 'reader-2', commit: 2 }]);
    expect((await memory.service.readers({ tenant: 'rival', origin: { source } })).runs).toEqual([]);
    expect((await revoke()).runs).toHaveLength(2);
  });

  it('lists runs that read it long ago in a version that was replaced or forgotten since', async () => {
    const passages = await search('paid twice');
    await told.accept('reader');
    await told.read('reader', 'c1-1', passages);
    await memory.service.forget({ tenant: 'acme', scope: 'web', documents: ['blog'] });

    expect((await revoke()).runs).toEqual([{ runId: 'reader', commit: 2 }]);
  });

  it('lists who took over what others had read: forks, started runs and whoever started them, from there on', async () => {
    const passages = await search('paid twice');
    await told.accept('origin');
    await told.read('origin', 'c1-1', passages);
    await told.fork('fork', 'origin', 2);
    await told.fork('earlier-fork', 'origin', 1);
    await told.accept('child', { runId: 'fork', callId: 'c1-1' });
    await told.accept('earlier-child', { runId: 'origin', callId: 'c1-1' });
    await told.accept('parent');
    await told.answer('parent', 'child');

    expect((await revoke()).runs).toEqual([
      { runId: 'child', commit: 1, through: 'fork' }, { runId: 'fork', commit: 1, through: 'origin' },
      { runId: 'origin', commit: 2 }, { runId: 'parent', commit: 2, through: 'child' },
    ]);
  });

  it('revokes what a run remembered after it had read it, and what others remembered after they had read that, and nothing from before', async () => {
    const passages = await search('paid twice');
    await told.accept('writer');
    await remember('writer', 2, 'Written before: ask about discounts.');
    await told.read('writer', 'c2-1', passages);
    const first = await remember('writer', 4, 'Suppliers expect a second transfer.');
    await told.accept('later');
    await told.read('later', 'c1-1', (await search('second transfer')).filter(({ digest }) => digest === first.digest));
    const second = await remember('later', 4, 'A third transfer is polite.');

    const answer = await revoke();
    expect(answer.removed).toBe(3);
    expect(answer.derived.map(({ digest, runId }) => `${runId} ${digest}`).toSorted()).toEqual([`later ${second.digest}`, `writer ${first.digest}`]);
    expect(answer.runs).toEqual([{ runId: 'later', commit: 2 }, { runId: 'writer', commit: 2 }]);
    expect(await isFound('second transfer')).toBe(false);
    expect(await isFound('third transfer')).toBe(false);
    expect(await isFound('ask about discounts')).toBe(true);
  });

  it('revokes what is remembered later by a run that had read it, whichever of the two is known first', async () => {
    const passages = await search('paid twice');
    await revoke();
    await told.accept('slow');
    await remember('slow', 3, 'Suppliers expect a second transfer.');
    expect(await isFound('second transfer')).toBe(true);
    await told.read('slow', 'c1-1', passages);
    await memory.readings.caughtUp();
    expect(await isFound('second transfer')).toBe(false);

    await expect(remember('slow', 5, 'They said so again: a fourth transfer.')).rejects.toMatchObject({ code: 'memory.source-revoked', retryable: false });
    expect(await isFound('fourth transfer')).toBe(false);
    expect((await revoke()).derived).toHaveLength(2);
  });

  it('keeps the same words of the same worth once, whichever runs say them and however often, also at once', async () => {
    const words = 'Suppliers like an early transfer.';
    const clean: Reading = { trust: 'model', secrecy: 'internal' };
    const first = await Promise.all([remember('one', 2, words), remember('one', 2, words), remember('two', 2, words)]);
    const other = await remember('three', 2, words, clean);

    expect(new Set(first.map(({ digest }) => digest)).size).toBe(1);
    expect(first.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
    expect(other).toMatchObject({ unchanged: false });
    expect((await search('early transfer', ['notes'])).map(({ trust }) => trust).toSorted()).toEqual(['model', 'third-party']);
  });

  it('brings nothing back that was revoked: not by a call that is delivered again, nor by another run that says the same words', async () => {
    const words = 'Suppliers expect a second transfer.';
    const passages = await search('paid twice');
    await told.accept('writer');
    await told.read('writer', 'c1-1', passages);
    await remember('writer', 4, words);
    await revoke();

    // The adapter died before it heard the answer, and the call comes again.
    await expect(remember('writer', 4, words)).rejects.toMatchObject({ code: 'memory.source-revoked' });
    await expect(remember('writer', 6, words)).rejects.toMatchObject({ code: 'memory.source-revoked' });
    await told.accept('echo');
    await expect(remember('echo', 2, words)).rejects.toMatchObject({ code: 'memory.source-revoked' });
    expect(await isFound('second transfer')).toBe(false);

    // Who has read nothing from outside may know it from elsewhere, and what is told of it says so.
    await remember('clean', 2, words, { trust: 'model', secrecy: 'internal' });
    expect((await search('second transfer', ['notes'])).map(({ trust, author }) => [trust, author])).toEqual([['model', 'run clean']]);
    expect((await revoke()).derived.map(({ runId }) => runId)).toEqual(['writer']);
  });

  it('goes on reading the log where the last process stopped, and reads nothing twice', async () => {
    const passages = await search('paid twice');
    await told.accept('reader');
    await told.read('reader', 'c1-1', passages);
    await memory.readings.caughtUp();
    await memory.close();
    await told.read('reader', 'c2-1', passages);
    memory = await openMemory(database.url, undefined, told.log);
    const other = await openMemory(database.url, undefined, told.log);
    await Promise.all([memory.readings.caughtUp(), other.readings.caughtUp()]);
    await other.close();
    const rows: readonly unknown[] = await database.owner.query('SELECT DISTINCT call_id FROM memory_reading ORDER BY call_id');
    const [position]: readonly { sum: number }[] = await database.owner.query('SELECT sum(sequence)::int AS sum FROM memory_projection_position');

    expect(rows).toEqual([{ call_id: 'c1-1' }, { call_id: 'c2-1' }]);
    expect(position?.sum).toBe(3);
  });
});
