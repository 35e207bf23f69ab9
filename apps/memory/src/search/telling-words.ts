import type { EntityManager } from 'typeorm';

/** Passages that the words of a query may match together, about: each has to be read to be ranked. */
const mostMatches = 5_000;

/**
 * The words of a query, as the index has them, by which passages are to be found: the rarest of them, as many as do not match more
 * passages than can be ranked in time, and always one. A word that every tenth passage has says little and costs much, and Postgres' text
 * ranking does not weigh words by how rare they are. How often a word occurs is what the database's own statistics estimate: without them, and
 * in a small memory, all words count.
 */
export async function tellingWords(manager: EntityManager, query: string): Promise<readonly string[]> {
  const rows: readonly { word: string }[] = await manager.query(
    `WITH known AS (
       SELECT unnest(most_common_elems::text::text[]) AS word, unnest(most_common_elem_freqs[1:cardinality(most_common_elems::text::text[])]) AS share
       FROM pg_stats WHERE schemaname = current_schema() AND tablename = 'memory_passage' AND attname = 'search'
     ), wanted AS (
       SELECT word, coalesce(share, 0) * (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'memory_passage'::regclass) AS passages
       FROM unnest(tsvector_to_array(to_tsvector('english', $1))) AS word LEFT JOIN known USING (word)
     ), counted AS (
       SELECT word, row_number() OVER rarest AS nth, sum(passages) OVER rarest AS passages FROM wanted WINDOW rarest AS (ORDER BY passages, word COLLATE "C")
     )
     SELECT word FROM counted WHERE nth = 1 OR passages <= $2 ORDER BY nth`,
    [query, mostMatches],
  );
  return rows.map(({ word }) => word);
}

/** A `tsquery` that any of these words fulfils. */
export function anyOf(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' | ');
}
