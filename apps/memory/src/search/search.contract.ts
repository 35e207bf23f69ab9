import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MemorySearchRequest } from '@holdfast/contracts';
import { memorySearchAnswer } from '@holdfast/contracts';
import { DATABASES, createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import type { Embedder } from '../embedding/embedder.js';
import { SentenceEncoder } from '../embedding/sentence-encoder.js';
import { guideline, guidelineRequests } from '../guidelines.fixture.js';
import { PassageSearch } from './passage-search.js';
import { tellingWords } from './telling-words.js';

describe.each(DATABASES)('search in %s', (_name, createDatabase) => {
  let database: TestDatabase;
  let memory: Awaited<ReturnType<typeof openMemory>>;

  beforeAll(async () => {
    database = await createDatabase();
    memory = await openMemory(database.url);
    for (const request of guidelineRequests('acme', 'guidelines')) await memory.service.ingest(request);
  });
  afterAll(async () => {
    await memory.close();
    await database.close();
  });

  const search = async (query: string, changes: Partial<MemorySearchRequest> = {}) =>
    (await memory.service.search({ tenant: 'acme', scopes: ['guidelines'], query, limit: 3, ...changes })).passages;

  it.each([
    ['the goods came too late', 'late-delivery'],
    ['the amount charged per piece is higher than what we ordered', 'price-differences'],
    ['whose signature is required for a large sum', 'approval-limits'],
    ['rebate for fast payment', 'early-payment'],
    ['supplier asks us to send money to another bank', 'bank-details'],
    ['who waters the flowers', 'office-plants'],
  ])('finds by meaning: "%s"', async (query, documentId) => {
    expect((await search(query))[0]?.documentId).toBe(documentId);
  });

  it('finds by a rare word that a sentence encoder knows nothing of', async () => {
    await memory.service.ingest({ tenant: 'acme', scope: 'codes', document: guideline('code', { text: 'Form QX-7719 is used for returns.' }) });

    expect((await search('QX-7719', { scopes: ['codes', 'guidelines'] }))[0]?.documentId).toBe('code');
  });

  it('holds a word that few passages have for more than several that all have', async () => {
    const scopes = ['words'];
    for (const [id, text] of [['common', 'The supplier sends the invoice of the order to the supplier.'], ['other', 'Another supplier sends an invoice of an order.'], ['third', 'Each supplier sends one invoice an order.'], ['rare', 'Pallets are stacked by the supplier.']] as const) {
      await memory.service.ingest({ tenant: 'acme', scope: 'words', document: guideline(id, { title: 'Note', text }) });
    }
    const [embedding = new Float32Array()] = await memory.embedder.embed(['pallets']);
    const { matching } = await new PassageSearch(memory.dataSource).rankings({ tenant: 'acme', scopes, query: 'supplier sends invoice of order about pallets', limit: 5 }, { embedder: memory.embedder.name, embedding });

    expect(matching[0]?.documentId).toBe('rare');
  });

  it('gives every passage with the labels and the digest of its document, whatever they are', async () => {
    const labels = { trust: 'third-party', secrecy: 'secret', source: 'mailto:sales@supplier.example' } as const;
    const { digest } = await memory.service.ingest({ tenant: 'acme', scope: 'labels', document: guideline('price-differences', labels) });
    const answer = await memory.service.search({ tenant: 'acme', scopes: ['labels', 'guidelines'], query: 'price differences', limit: 20 });

    expect(memorySearchAnswer.parse(answer)).toEqual(answer);
    expect(answer.passages.find((passage) => passage.digest === digest)).toMatchObject({ ...labels, documentId: 'price-differences', title: 'Price differences' });
    expect(answer.passages.filter((passage) => passage.digest !== digest).every(({ trust, secrecy }) => trust === 'organisation' && secrecy === 'internal')).toBe(true);
  });

  it('shows nothing of another tenant or of a scope that was not named', async () => {
    await memory.service.ingest({ tenant: 'rival', scope: 'guidelines', document: guideline('late-delivery', { text: 'The rival never deducts anything for late goods.' }) });

    expect(await search('late goods', { tenant: 'rival' })).toEqual([expect.objectContaining({ text: 'The rival never deducts anything for late goods.' })]);
    expect((await search('late goods', { limit: 20 })).map(({ text }) => text)).not.toContainEqual(expect.stringContaining('rival'));
    expect(await search('late goods', { scopes: ['elsewhere'] })).toEqual([]);
    expect(await search('late goods', { scopes: ['guide'] })).toEqual([]);
  });

  it('leaves out what is less trusted than asked for', async () => {
    await memory.service.ingest({ tenant: 'acme', scope: 'trust', document: guideline('letter', { text: 'A supplier wrote about late goods.', trust: 'third-party' }) });
    const scopes = ['trust', 'guidelines'];

    expect((await search('late goods', { scopes, limit: 20 })).map(({ documentId }) => documentId)).toContain('letter');
    expect((await search('late goods', { scopes, limit: 20, minimumTrust: 'organisation' })).map(({ documentId }) => documentId)).not.toContain('letter');
    expect(await search('late goods', { scopes, minimumTrust: 'user' })).toEqual([]);
  });

  it('leaves out what is more secret than asked for', async () => {
    await memory.service.ingest({ tenant: 'acme', scope: 'secrecy', document: guideline('margin', { text: 'Our margin on late goods is forty percent.', secrecy: 'secret' }) });
    const scopes = ['secrecy', 'guidelines'];

    expect((await search('late goods', { scopes, limit: 20 })).map(({ documentId }) => documentId)).toContain('margin');
    expect((await search('late goods', { scopes, limit: 20, highestSecrecy: 'internal' })).map(({ documentId }) => documentId)).not.toContain('margin');
  });

  it('tells who wrote a passage and when, as far as that was said', async () => {
    const before = Date.now();
    await memory.service.ingest({ tenant: 'acme', scope: 'authors', document: guideline('late-delivery', { author: 'Purchasing', writtenAt: 1_700_000_000_123 }) });
    await memory.service.ingest({ tenant: 'acme', scope: 'nobody', document: guideline('late-delivery') });

    expect(await search('late goods', { scopes: ['authors'] })).toEqual([expect.objectContaining({ author: 'Purchasing', writtenAt: 1_700_000_000_123 })]);
    const [unsigned] = await search('late goods', { scopes: ['nobody'] });
    expect(unsigned?.author).toBe('unknown');
    expect(unsigned?.writtenAt).toBeGreaterThanOrEqual(before);
  });

  it.each(['what is the and of', '!!! ???', '☃ ☃'])('finds nothing for a query that says nothing: "%s"', async (query) => {
    expect(await search(query)).toEqual([]);
  });

  it.each([`'; DROP TABLE memory_passage; --`, 'late & | ! ( goods:* <->', 'https://example.com/a?b=1&c=2 late', '\\ late \\'])('takes a query for words, not for syntax: %s', async (query) => {
    expect((await search(query)).length).toBeGreaterThan(0);
  });

  it('gives the same answer in the same order every time, also where scores are equal', async () => {
    for (const documentId of ['x', 'y', 'z']) await memory.service.ingest({ tenant: 'acme', scope: 'same', document: guideline(documentId, { title: 'Same', text: 'The very same words.' }) });
    const first = await search('the same words', { scopes: ['same'] });

    expect(first).toHaveLength(3);
    expect(first.map(({ passageId }) => passageId)).toEqual(first.map(({ passageId }) => passageId).toSorted());
    for (let time = 0; time < 3; time += 1) expect(await search('the same words', { scopes: ['same'] })).toEqual(first);
  });

  it('finds the same through the approximate index as by comparing all, also among a crowd of nearer passages of others', async () => {
    const encoder = new SentenceEncoder();
    const [embedding] = await encoder.embed(['the goods came too late']);
    if (embedding === undefined) throw new Error('There is no vector.');
    const request = { tenant: 'acme', scopes: ['guidelines'], query: 'the goods came too late', limit: 5 };
    const query = { embedder: encoder.name, embedding };
    const indexScans = async () => ((await database.owner.query(`SELECT idx_scan::int AS scans FROM pg_stat_user_indexes WHERE indexrelname = 'memory_passage_embedding_cosine'`)) as { scans: number }[])[0]?.scans;
    // So few rows would never be read through the index of their own accord.
    const onlyIndexes = new URL(database.url);
    onlyIndexes.searchParams.set('options', '-c enable_seqscan=off -c enable_sort=off -c enable_bitmapscan=off');
    const indexed = await openMemory(onlyIndexes.href);
    await crowd(embedding, 300);

    const exact = await new PassageSearch(memory.dataSource).search(request, query);
    expect(exact[0]?.documentId).toBe('late-delivery');
    expect(await indexScans()).toBe(0);
    expect(await new PassageSearch(indexed.dataSource, 0).search(request, query)).toEqual(exact);
    // The statistics of a connection are written at the latest when it ends.
    await indexed.close();
    while ((await indexScans()) === 0) await setImmediate();
  });

  /** Different passages of another tenant, nearer to the query than any of ours: the index yields them first. */
  async function crowd(embedding: Float32Array, size: number): Promise<void> {
    await memory.service.ingest({ tenant: 'crowd', scope: 'guidelines', document: guideline('nearest', { text: 'Nearest.' }) });
    await database.owner.query(
      `INSERT INTO memory_passage (passage_id, tenant, scope, document_id, ordinal, title, text, source, author, written_at, trust, secrecy, digest, embedder, embedding)
       SELECT 'crowd-' || number, tenant, scope, document_id, number, title, text, source, author, written_at, trust, secrecy, digest, embedder,
         $1::vector + (SELECT array_agg(sin(number * component) / 1000)::vector FROM generate_series(1, 512) AS component)
       FROM memory_passage, generate_series(1, $2::int) AS number WHERE tenant = 'crowd'`,
      [`[${embedding.join(',')}]`, size],
    );
  }

  it('looks for the rarer words where common ones would match more passages than can be ranked', async () => {
    await database.owner.query(
      `INSERT INTO memory_document (tenant, scope, document_id, digest, title, source, author, written_at, trust, secrecy, metadata, chunks) VALUES ('acme', 'crowded', 'crowd', repeat('c', 64), 'Crowd', 'urn:a:b', 'nobody', now(), 'organisation', 'internal', '{}', 1)`,
    );
    await database.owner.query(
      `INSERT INTO memory_passage (passage_id, tenant, scope, document_id, ordinal, title, text, source, author, written_at, trust, secrecy, digest, embedder, embedding)
       SELECT 'crowded-' || number, 'acme', 'crowded', 'crowd', number, 'Crowd', 'An invoice of ' || CASE WHEN number = 77 THEN 'Zyx-9' ELSE 'somebody' END, 'urn:a:b', 'nobody', now(), 'organisation', 'internal', repeat('c', 64), name, (SELECT array_agg(1)::vector FROM generate_series(1, 512))
       FROM memory_embedder, generate_series(1, 6000) AS number`,
    );
    await database.owner.query('ANALYZE memory_passage');

    expect(await tellingWords(memory.dataSource.manager, 'an invoice of Zyx-9')).toEqual(['-9', 'zyx']);
    expect(await tellingWords(memory.dataSource.manager, 'an invoice')).toEqual(['invoic']);
    expect((await search('an invoice of Zyx-9', { scopes: ['crowded'] })).map(({ text }) => text)).toContain('An invoice of Zyx-9');
    await database.owner.query(`DELETE FROM memory_document WHERE scope = 'crowded'`);
    await database.owner.query('ANALYZE memory_passage');
  });

  it('refuses to mix the vectors of two models, until the former are forgotten', async () => {
    const other: Embedder = {
      name: 'another-model@1',
      dimensions: 512,
      state: 'ready',
      load: async () => undefined,
      embed: async (texts) => texts.map(() => new Float32Array(512).fill(1 / Math.sqrt(512))),
    };
    const own = await createTestDatabase();
    const before = await openMemory(own.url);
    const after = await openMemory(own.url, other);
    const request = { tenant: 'acme', scope: 'guidelines', document: guideline('late-delivery') };
    await before.service.ingest(request);
    const refusal = { code: 'memory.embedder-changed', retryable: false };

    await expect(after.service.ingest(request)).rejects.toMatchObject(refusal);
    await expect(after.service.ingest({ ...request, document: guideline('bank-details') })).rejects.toMatchObject(refusal);
    await expect(after.service.search({ tenant: 'acme', scopes: ['guidelines'], query: 'late', limit: 1 })).rejects.toMatchObject(refusal);
    await before.service.forget({ tenant: 'acme', scope: 'guidelines', documents: 'all' });
    expect(await after.service.ingest(request)).toMatchObject({ unchanged: false });
    await expect(before.service.ingest(request)).rejects.toMatchObject(refusal);

    await Promise.all([before.close(), after.close()]);
    await own.close();
  });
});
