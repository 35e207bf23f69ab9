import type { EmbeddedQuery, openDatabase } from '@holdfast/memory/logic';

export const TENANT = 'bench';
export const LARGE_SCOPE = 'large';
export const SMALL_SCOPE = 'small';

/** Passages of the small scope: few enough to be compared one by one. */
const SMALL = 1_000;
/** Matters that passages are about: each passage lies near the middle of one. */
const MATTERS = 500;
const WORDS = 8_000;
const WORDS_A_PASSAGE = 60;
const WORDS_A_QUESTION = 6;
const QUESTIONS = 200;

export interface Filling {
  readonly chunks: number;
  readonly embedder: string;
  readonly dimensions: number;
}

/** What can be asked of a filled memory, and how long its index took. */
export interface Filled {
  readonly questions: readonly { readonly words: string; readonly query: EmbeddedQuery }[];
  readonly indexSeconds: number;
}

/**
 * Fills memory with passages that cost no model: vectors around the middles of some matters, made in the database by adding a matter's
 * middle to a passage's own noise, and words as often as Zipf's law has them in a language. Numbers follow from fixed seeds.
 */
export async function fillMemory(dataSource: Awaited<ReturnType<typeof openDatabase>>, { chunks, embedder, dimensions }: Filling): Promise<Filled> {
  const random = seeded(7);
  const middles = Array.from({ length: MATTERS }, () => vector(random, dimensions, 1));
  const noises = Array.from({ length: Math.ceil(chunks / MATTERS) + 1 }, () => vector(random, dimensions, 0.6));
  const texts = Array.from({ length: 20_000 }, () => sentence(random, WORDS_A_PASSAGE / 2));
  const run = dataSource.createQueryRunner();
  try {
    await run.query('SET statement_timeout = 0');
    await run.query('CREATE TEMPORARY TABLE middle (number int, v vector)');
    await run.query('CREATE TEMPORARY TABLE noise (number int, v vector)');
    await run.query('CREATE TEMPORARY TABLE half (number int, words text)');
    for (const [table, vectors] of [['middle', middles], ['noise', noises]] as const) {
      await run.query(`INSERT INTO ${table} SELECT ordinality - 1, text::vector FROM unnest($1::text[]) WITH ORDINALITY AS made (text)`, [vectors.map(written)]);
    }
    await run.query('INSERT INTO half SELECT ordinality - 1, text FROM unnest($1::text[]) WITH ORDINALITY AS made (text)', [texts]);
    await run.query('DROP INDEX memory_passage_embedding_cosine');
    for (const [scope, size] of [[LARGE_SCOPE, chunks], [SMALL_SCOPE, Math.min(SMALL, chunks)]] as const) await insert(run, { scope, size, embedder });
    const begun = performance.now();
    // One process makes it, as the embedded database has little shared memory for several.
    await run.query(`SET maintenance_work_mem = '512MB'`);
    await run.query('SET max_parallel_maintenance_workers = 0');
    await run.query('CREATE INDEX memory_passage_embedding_cosine ON memory_passage USING hnsw (embedding vector_cosine_ops)');
    const indexSeconds = (performance.now() - begun) / 1_000;
    await run.query('VACUUM ANALYZE memory_passage');
    const questions = Array.from({ length: QUESTIONS }, (_, number) => ({
      words: sentence(random, WORDS_A_QUESTION),
      query: { embedder, embedding: near(middles[number % MATTERS] ?? [], vector(random, dimensions, 0.6)) },
    }));
    return { questions, indexSeconds };
  } finally {
    await run.query('RESET statement_timeout').catch(() => undefined);
    await run.release();
  }
}

type Runner = ReturnType<Awaited<ReturnType<typeof openDatabase>>['createQueryRunner']>;

/** Documents of a hundred passages. */
async function insert(run: Runner, { scope, size, embedder }: { readonly scope: string; readonly size: number; readonly embedder: string }): Promise<void> {
  const labels = `'urn:example:bench', 'bench', now(), 'organisation', 'internal'`;
  await run.query(
    `INSERT INTO memory_document (tenant, scope, document_id, digest, title, source, author, written_at, trust, secrecy, metadata, chunks)
     SELECT '${TENANT}', $1, 'document-' || number, repeat('d', 64), 'Document ' || number, ${labels}, '{}', 100 FROM generate_series(0, ($2::int - 1) / 100) AS number`,
    [scope, size],
  );
  await run.query(
    `INSERT INTO memory_passage (passage_id, tenant, scope, document_id, ordinal, title, text, source, author, written_at, trust, secrecy, digest, embedder, embedding)
     SELECT md5($1 || at) || md5(at || $1), '${TENANT}', $1, 'document-' || at / 100, at % 100, 'Document ' || at / 100, first.words || ' ' || second.words, ${labels}, repeat('d', 64), $3, l2_normalize(middle.v + noise.v)
     FROM generate_series(0, $2::int - 1) AS passage (at)
     JOIN middle ON middle.number = at % ${MATTERS} JOIN noise ON noise.number = at / ${MATTERS}
     JOIN half AS first ON first.number = at * 7919::bigint % 20000 JOIN half AS second ON second.number = at * 104729::bigint % 20000`,
    [scope, size, embedder],
  );
}

/** A small generator of numbers from 0 to 1 (mulberry32, public domain). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A vector of about this length in a random direction. */
function vector(random: () => number, dimensions: number, length: number): readonly number[] {
  const direction = Array.from({ length: dimensions }, () => random() + random() + random() - 1.5);
  const size = Math.hypot(...direction);
  return direction.map((component) => (component / size) * length);
}

function near(middle: readonly number[], noise: readonly number[]): Float32Array {
  const added = middle.map((component, at) => component + (noise[at] ?? 0));
  const size = Math.hypot(...added);
  return Float32Array.from(added, (component) => component / size);
}

const written = (components: readonly number[]): string => `[${components.map((component) => component.toFixed(5)).join(',')}]`;

/** Words whose frequency falls with their rank, as in a language (Zipf, exponent 1). The most frequent ones, which a language's stop words would be, are left out. */
function sentence(random: () => number, words: number): string {
  return Array.from({ length: words }, () => wordOf(Math.floor(50 * (WORDS / 50) ** random()))).join(' ');
}

const SYLLABLES = ['ba', 'ke', 'li', 'mo', 'nu', 'pa', 're', 'si', 'to', 'vu', 'za', 'fe', 'gi', 'ho', 'ju', 'da', 'wo', 'xi', 'ry', 'ca'];

function wordOf(rank: number): string {
  return [rank, Math.floor(rank / 20), Math.floor(rank / 400), 7].map((digit) => SYLLABLES[digit % 20]).join('');
}
