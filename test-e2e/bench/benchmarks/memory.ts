import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '@holdfast/deploy';
import { PassageSearch, SentenceEncoder, databaseOptions, openDatabase } from '@holdfast/memory/logic';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { percentile } from '../suite/statistics.ts';
import { fillMemory, SMALL_SCOPE, LARGE_SCOPE, TENANT, type Filled } from './memory/fill-memory.ts';
import { handbookRecall } from './memory/handbook-recall.ts';

const CHUNKS = 100_000;
const QUERIES = 400;
/** Queries whose answer by the index is compared with that of comparing all. */
const COMPARED = 100;
const AT = 5;

type DataSource = Awaited<ReturnType<typeof openDatabase>>;

/**
 * Search among 100,000 passages of one scope, and among 1,000 of a small scope beside it, each as the memory service does it but for the
 * embedding of the query, which is measured by itself; and how often the handbook's known answers are among the first five.
 */
export const memory: Benchmark = {
  name: 'memory',
  about: 'a hybrid search among 100,000 passages, and recall@5 of the handbook with known answers',
  limitSeconds: 900,
  async run({ options: { scale }, progress, defer, signal }) {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
    defer(() => rm(directory, { recursive: true, force: true }));
    const server = await startDatabase({ directory, report: progress });
    defer(() => server.stop());
    const dataSource = await openDatabase(databaseOptions(server.url));
    defer(() => dataSource.destroy());
    const embedder = new SentenceEncoder();

    progress('ingesting the handbook');
    const recall = await handbookRecall(dataSource, embedder);
    const chunks = Math.round(CHUNKS * scale);
    progress(`making ${chunks.toLocaleString('en')} passages and their index`);
    const filled = await fillMemory(dataSource, { chunks, embedder: embedder.name, dimensions: embedder.dimensions });

    progress('searching');
    const search = new PassageSearch(dataSource);
    const large = await timesOf(Math.max(20, Math.round(QUERIES * scale)), (number) => search.search(...questionOf(filled, number, LARGE_SCOPE)), signal);
    const small = await timesOf(Math.max(20, Math.round(QUERIES * scale)), (number) => search.search(...questionOf(filled, number, SMALL_SCOPE)), signal);
    const floor = await timesOf(50, () => dataSource.query('SELECT 1'), signal);
    const embedding = await timesOf(50, (number) => embedder.embed([`Which supplier of part ${number} has to be paid within ten days?`]), signal);
    return [
      ...recallFigures(recall),
      { id: 'search_ms_p50', title: `a search among ${chunks.toLocaleString('en')} passages, p50`, value: percentile(large, 0.5), unit: 'ms', floor: percentile(floor, 0.5), floorTitle: 'an empty query' },
      { id: 'search_ms_p99', title: 'the same, p99', value: percentile(large, 0.99), unit: 'ms', target: { of: 'value', atMost: 250 } },
      { id: 'small_ms_p50', title: 'a search in a small scope beside them, compared one by one, p50', value: percentile(small, 0.5), unit: 'ms' },
      { id: 'small_ms_p99', title: 'the same, p99', value: percentile(small, 0.99), unit: 'ms' },
      { id: 'embed_ms_p50', title: 'the embedding of a query by the model that works offline, p50', value: percentile(embedding, 0.5), unit: 'ms' },
      { id: 'index_recall', title: `of the ${AT} nearest passages, found through the index`, value: await indexRecall(dataSource, filled, Math.max(10, Math.round(COMPARED * scale))), unit: '', target: { of: 'value', atLeast: 0.9 } },
      { id: 'index_seconds', title: 'the HNSW index of them is made', value: filled.indexSeconds, unit: 's' },
    ];
  },
};

function recallFigures({ all: { questions, vector, text, hybrid }, paraphrased }: Awaited<ReturnType<typeof handbookRecall>>): readonly Figure[] {
  return [
    { id: 'recall5_hybrid', title: `recall@${AT} of ${questions} questions, hybrid`, value: hybrid, unit: '', floor: Math.max(vector, text), floorTitle: 'the better of both parts', target: { of: 'ratio', atLeast: 1 } },
    { id: 'recall5_paraphrased', title: `recall@${AT} of the ${paraphrased.questions} that use other words than the answer, hybrid`, value: paraphrased.hybrid, unit: '', floor: Math.max(paraphrased.vector, paraphrased.text), floorTitle: 'the better of both parts', target: { of: 'ratio', atLeast: 1 } },
    { id: 'recall5_vector', title: 'by vectors alone', value: vector, unit: '' },
    { id: 'recall5_text', title: 'by full text alone', value: text, unit: '' },
  ];
}

/** Milliseconds of each of so many works, one after the other; the first few are not counted. */
async function timesOf(count: number, work: (number: number) => Promise<unknown>, signal: AbortSignal): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = -5; number < count && !signal.aborted; number += 1) {
    const begun = performance.now();
    await work(number + 5);
    if (number >= 0) times.push(performance.now() - begun);
  }
  return times;
}

function questionOf({ questions }: Filled, number: number, scope: string): Parameters<PassageSearch['search']> {
  const question = questions[number % questions.length];
  if (question === undefined) throw new Error('there is no question');
  return [{ tenant: TENANT, scopes: [scope], query: question.words, limit: AT }, question.query];
}

/** The share of the nearest passages, by comparing all, that the index finds. */
async function indexRecall(dataSource: DataSource, filled: Filled, count: number): Promise<number> {
  const [indexed, exact] = [new PassageSearch(dataSource), new PassageSearch(dataSource, Number.MAX_SAFE_INTEGER - 1)];
  let found = 0;
  let wanted = 0;
  for (let number = 0; number < count; number += 1) {
    const [request, query] = questionOf(filled, number, LARGE_SCOPE);
    const nearest = (await exact.rankings(request, query)).nearest.slice(0, AT).map(({ passageId }) => passageId);
    const close = new Set((await indexed.rankings(request, query)).nearest.slice(0, AT).map(({ passageId }) => passageId));
    wanted += nearest.length;
    found += nearest.filter((passageId) => close.has(passageId)).length;
  }
  return found / wanted;
}
