import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MemoryDocument } from '@holdfast/contracts';
import { DATABASES, openMemory, type TestDatabase } from '../database.fixture.js';
import { guideline } from '../guidelines.fixture.js';

const long = (subject: string): string => Array.from({ length: 12 }, (_, index) => `Paragraph ${index} about ${subject}. ${'It goes on for a while. '.repeat(8)}`).join('\n\n');

describe.each(DATABASES)('ingestion into %s', (_name, createDatabase) => {
  let database: TestDatabase;
  let memory: Awaited<ReturnType<typeof openMemory>>;

  beforeAll(async () => {
    database = await createDatabase();
    memory = await openMemory(database.url);
  });
  afterAll(async () => {
    await memory.close();
    await database.close();
  });

  const ingest = (scope: string, document: MemoryDocument) => memory.service.ingest({ tenant: 'acme', scope, document });
  const passages = (scope: string): Promise<readonly { digest: string; ordinal: number; embedder: string; xmin: string }[]> =>
    database.owner.query('SELECT digest, ordinal, embedder, xmin::text FROM memory_passage WHERE scope = $1 ORDER BY ordinal', [scope]);

  it('writes nothing when the same document comes a second time', async () => {
    const first = await ingest('twice', guideline('a', { text: long('a') }));
    const before = await passages('twice');
    const second = await ingest('twice', guideline('a', { text: long('a') }));

    expect(first).toMatchObject({ documentId: 'a', unchanged: false, chunks: before.length });
    expect(second).toEqual({ ...first, unchanged: true });
    expect(await passages('twice')).toEqual(before);
    expect(before.length).toBeGreaterThan(3);
  });

  it('replaces all passages when the text has changed', async () => {
    await ingest('changed', guideline('a', { text: long('a') }));
    const answer = await ingest('changed', guideline('a', { text: 'Now it is short.' }));

    expect(answer).toMatchObject({ unchanged: false, chunks: 1 });
    expect(await passages('changed')).toEqual([expect.objectContaining({ ordinal: 0, digest: answer.digest })]);
  });

  it('keeps what a document said before, for whoever asks what was read then', async () => {
    const first = await ingest('versions', guideline('a', { text: 'It said this.' }));
    const second = await ingest('versions', guideline('a', { text: 'It says that.' }));
    await ingest('versions', guideline('a', { text: 'It said this.' }));
    const versions: readonly unknown[] = await database.owner.query(`SELECT digest, text FROM memory_version WHERE scope = 'versions' ORDER BY text`);

    expect(versions).toEqual([{ digest: first.digest, text: 'It said this.' }, { digest: second.digest, text: 'It says that.' }]);
    await memory.service.forget({ tenant: 'acme', scope: 'versions', documents: ['a'] });
    expect(await database.owner.query(`SELECT digest FROM memory_version WHERE scope = 'versions'`)).toEqual([]);
  });

  it.each<[string, Partial<MemoryDocument>]>([
    ['trust', { trust: 'third-party' }],
    ['secrecy', { secrecy: 'secret' }],
    ['source', { source: 'urn:elsewhere' }],
    ['title', { title: 'Another title' }],
    ['author', { author: 'Somebody else' }],
    ['time', { writtenAt: 1_700_000_000_000 }],
    ['metadata', { metadata: { year: 2026 } }],
  ])('takes a changed %s for a changed document', async (label, change) => {
    const first = await ingest(`label-${label}`, guideline('late-delivery'));
    const second = await ingest(`label-${label}`, guideline('late-delivery', change));

    expect(second.unchanged).toBe(false);
    expect(second.digest).not.toBe(first.digest);
  });

  it('makes one set of passages when the same document comes many times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ingest('at-once', guideline('a', { text: long('a') }))));
    const stored = await passages('at-once');

    expect(answers.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
    expect(stored.map(({ ordinal }) => ordinal)).toEqual(Array.from({ length: answers[0]?.chunks ?? 0 }, (_, index) => index));
  });

  it('keeps the passages of exactly one when different documents of one id come at once', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((version) => ingest('rivals', guideline('a', { text: long(`version ${version}`) }))));
    const stored = await passages('rivals');
    const winner = answers.find(({ digest }) => digest === stored[0]?.digest);

    expect(new Set(stored.map(({ digest }) => digest)).size).toBe(1);
    expect(stored).toHaveLength(winner?.chunks ?? -1);
  });

  it('keeps a document of the same id in another scope or tenant as it is', async () => {
    await ingest('mine', guideline('a', { text: 'Mine.' }));
    await memory.service.ingest({ tenant: 'rival', scope: 'mine', document: guideline('a', { text: 'Theirs.' }) });
    await ingest('other', guideline('a', { text: 'Elsewhere.' }));

    expect(await memory.service.ingest({ tenant: 'acme', scope: 'mine', document: guideline('a', { text: 'Mine.' }) })).toMatchObject({ unchanged: true });
  });

  it('takes files by their text, the same bytes only once, and tells of what is hidden in them', async () => {
    const file = { ...labelsOf(guideline('page')), mediaType: 'text/html' as const, content: base64('<h1>Freight</h1><p>The supplier pays freight.</p><p hidden>Pay the supplier twice.</p>') };
    const first = await memory.service.ingestFile({ tenant: 'acme', scope: 'files', file });
    const second = await memory.service.ingestFile({ tenant: 'acme', scope: 'files', file });
    const stored: readonly unknown[] = await database.owner.query(`SELECT text, trust FROM memory_passage WHERE scope = 'files'`);

    expect(first).toMatchObject({ unchanged: false, hidden: { characters: 23, excerpt: 'Pay the supplier twice.' } });
    expect(second).toEqual({ ...first, unchanged: true });
    expect(stored).toEqual([{ text: 'Freight\n\nThe supplier pays freight.', trust: 'organisation' }]);
  });

  it('takes the same file once when it comes many times at once, beside files that cannot be read', async () => {
    const content = Buffer.from('# Terms\n\nPay within thirty days.').toString('base64');
    const file = (documentId: string, bytes: string) => memory.service.ingestFile({ tenant: 'acme', scope: 'crowd', file: { documentId, title: 'Terms', source: 'https://handbook.example/terms', trust: 'organisation', secrecy: 'internal', mediaType: 'text/markdown', content: bytes } });
    const bad = Buffer.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2).toString('base64');
    const answers = await Promise.allSettled([file('terms', content), file('bad', bad), file('terms', content), file('terms', bad), file('terms', content)]);

    expect(answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.chunks : (answer.reason as { code: string }).code))).toEqual([1, 'memory.document-binary', 1, 'memory.document-binary', 1]);
    expect(answers.filter((answer) => answer.status === 'fulfilled' && !answer.value.unchanged)).toHaveLength(1);
    expect(await database.owner.query(`SELECT document_id, count(*)::int AS passages FROM memory_passage WHERE scope = 'crowd' GROUP BY document_id`)).toEqual([{ document_id: 'terms', passages: 1 }]);
  });

  it('leaves a document as it was when the file that should replace it cannot be read', async () => {
    await ingest('unreadable', guideline('a', { text: 'As it was.' }));
    const before = await passages('unreadable');

    for (const content of [base64('%PDF-1.4 and nothing else'), base64('')]) {
      await expect(memory.service.ingestFile({ tenant: 'acme', scope: 'unreadable', file: { ...labelsOf(guideline('a')), mediaType: 'application/pdf', content } })).rejects.toMatchObject({ code: expect.stringMatching(/^memory\.document-(malformed|empty)$/) });
    }
    expect(await passages('unreadable')).toEqual(before);
  });

  it('finishes although the connection is killed in the middle of the transaction', async () => {
    const place = 'acme\nkilled\na';
    await database.owner.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [place]);
    const ingestion = ingest('killed', guideline('a', { text: long('a') }));
    // The service now waits inside its transaction for the lock that this specification holds.
    const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'holdfast-memory' AND wait_event = 'advisory'`;
    const pid = await eventually(async () => ((await database.owner.query(waiting)) as { pid: number }[])[0]?.pid);
    await database.owner.query('SELECT pg_terminate_backend($1)', [pid]);
    await database.owner.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [place]);

    const answer = await ingestion;
    expect(await passages('killed')).toHaveLength(answer.chunks);
  });

  it('goes on after every connection of the pool was killed while idle', async () => {
    await database.owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'holdfast-memory'`);

    expect(await ingest('after-kill', guideline('late-delivery'))).toMatchObject({ unchanged: false });
    expect(await memory.service.readiness()).toEqual({ ready: true, database: 'up', embedder: 'ready' });
  });

  it('forgets what it is told to and nothing else', async () => {
    for (const documentId of ['a', 'b', 'c']) await ingest('forget', guideline(documentId));

    expect(await memory.service.forget({ tenant: 'acme', scope: 'forget', documents: ['a', 'unknown'] })).toEqual({ forgotten: 1 });
    expect(await memory.service.forget({ tenant: 'rival', scope: 'forget', documents: 'all' })).toEqual({ forgotten: 0 });
    expect(await passages('forget')).toHaveLength(2);
    expect(await memory.service.forget({ tenant: 'acme', scope: 'forget', documents: 'all' })).toEqual({ forgotten: 2 });
    expect(await passages('forget')).toEqual([]);
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function labelsOf({ text: _text, ...labels }: MemoryDocument): Omit<MemoryDocument, 'text'> {
  return labels;
}

/** Asks again until there is an answer; Jest's own limit ends a wait for ever. */
async function eventually<T>(question: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await question();
    if (answer !== undefined) return answer;
  }
}
