import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import { SentenceEncoder } from '../embedding/sentence-encoder.js';
import { PassageSearch } from '../search/passage-search.js';
import { handbook } from './handbook.js';
import { recallOf, type Recall } from './recall.js';

describe('retrieval from a handbook with known answers, by the model that works offline', () => {
  let database: TestDatabase;
  let memory: Awaited<ReturnType<typeof openMemory>>;
  let recall: Readonly<Record<'paraphrased' | 'named' | 'all' | 'unseen', Recall>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    memory = await openMemory(database.url);
    for (const { id, title, text } of handbook) {
      await memory.service.ingest({ tenant: 'acme', scope: 'handbook', document: { documentId: id, title, text, source: `urn:example:handbook:${id}`, trust: 'organisation', secrecy: 'internal' } });
    }
    const means = { search: new PassageSearch(memory.dataSource), embedder: new SentenceEncoder(), tenant: 'acme', scopes: ['handbook'] };
    const questions = (kind: 'paraphrased' | 'named') => handbook.flatMap((entry) => entry[kind].map((query) => ({ query, documentId: entry.id })));
    const [paraphrased, named] = [await recallOf(questions('paraphrased'), means), await recallOf(questions('named'), means)];
    const all = [...questions('paraphrased'), ...questions('named')];
    // How words are weighed was chosen by every second entry in alphabetical order, from the first on; the others had no say in it.
    const unseen = handbook.map(({ id }) => id).toSorted().filter((_, at) => at % 2 === 1);
    recall = { paraphrased, named, all: await recallOf(all, means), unseen: await recallOf(all.filter(({ documentId }) => unseen.includes(documentId)), means) };
  });
  afterAll(async () => {
    await memory.close();
    await database.close();
  });

  it.each(['all', 'paraphrased', 'named', 'unseen'] as const)('finds by hybrid ranking at least what either ranking finds alone: %s', (part) => {
    expect(recall[part].hybrid).toBeGreaterThanOrEqual(recall[part].vector);
    expect(recall[part].hybrid).toBeGreaterThanOrEqual(recall[part].text);
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
