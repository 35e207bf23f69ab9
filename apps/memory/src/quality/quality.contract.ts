import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import { SentenceEncoder } from '../embedding/sentence-encoder.js';
import { PassageSearch } from '../search/passage-search.js';
import { handbook } from './handbook.js';
import { recallOf, type Recall } from './recall.js';

describe('retrieval from a handbook with known answers, by the model that works offline', () => {
  let database: TestDatabase;
  let memory: Awaited<ReturnType<typeof openMemory>>;
  let recall: Readonly<Record<'paraphrased' | 'named' | 'all', Recall>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    memory = await openMemory(database.url);
    for (const { id, title, text } of handbook) {
      await memory.service.ingest({ tenant: 'acme', scope: 'handbook', document: { documentId: id, title, text, source: `urn:example:handbook:${id}`, trust: 'organisation', secrecy: 'internal' } });
    }
    const means = { search: new PassageSearch(memory.dataSource), embedder: new SentenceEncoder(), tenant: 'acme', scopes: ['handbook'] };
    const questions = (kind: 'paraphrased' | 'named') => handbook.flatMap((entry) => entry[kind].map((query) => ({ query, documentId: entry.id })));
    const [paraphrased, named] = [await recallOf(questions('paraphrased'), means), await recallOf(questions('named'), means)];
    recall = { paraphrased, named, all: await recallOf([...questions('paraphrased'), ...questions('named')], means) };
  });
  afterAll(async () => {
    await memory.close();
    await database.close();
  });

  it('finds by hybrid ranking at least what either ranking finds alone', () => {
    expect(recall.all.hybrid).toBeGreaterThanOrEqual(recall.all.vector);
    expect(recall.all.hybrid).toBeGreaterThanOrEqual(recall.all.text);
  });

  it('has questions that each ranking alone fails at, so that there is something to compare', () => {
    expect(recall.all.questions).toBeGreaterThan(100);
    expect(recall.all.vector).toBeLessThan(1);
    expect(recall.all.text).toBeLessThan(1);
  });

  it('has the answer among five passages for 17 of 20 questions', () => {
    expect(recall.all.hybrid).toBeGreaterThanOrEqual(0.85);
  });
});
