/** An item with the score that fusion gave it. */
export interface Fused<T> {
  readonly item: T;
  readonly score: number;
}

interface Standing<T> {
  readonly item: T;
  /** The rank in each ranking, from 1; infinite where the item is absent. */
  readonly ranks: number[];
}

/**
 * Merges rankings, best first: an item's score is the sum over the rankings of 1 / (k + rank), where ranks start at 1.
 *
 * Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
 * Methods", SIGIR 2009, doi:10.1145/1571941.1572114, whose k = 60 is the default. Only ranks count, so a cosine
 * distance and a text rank need no common scale. Equal scores, which are common (first and second here, second and
 * first there), are ordered by the rank in the earlier ranking and at last by the identity's UTF-16 code units, so the
 * same rankings always give the same answer. An item that a ranking repeats counts there once, at its best rank.
 */
export function reciprocalRankFusion<T>(rankings: readonly (readonly T[])[], identityOf: (item: T) => string, k = 60): readonly Fused<T>[] {
  const standings = new Map<string, Standing<T>>();
  rankings.forEach((ranking, which) => {
    ranking.forEach((item, index) => {
      const identity = identityOf(item);
      const standing = standings.get(identity) ?? { item, ranks: rankings.map(() => Number.POSITIVE_INFINITY) };
      standing.ranks[which] = Math.min(standing.ranks[which] ?? index + 1, index + 1);
      standings.set(identity, standing);
    });
  });
  return [...standings]
    .map(([identity, { item, ranks }]) => ({ identity, item, ranks, score: scoreOf(ranks, k) }))
    .sort((a, b) => b.score - a.score || firstDifference(a.ranks, b.ranks) || (a.identity < b.identity ? -1 : 1))
    .map(({ item, score }) => ({ item, score }));
}

/** The smallest terms are added first, so that the order of the rankings cannot change the last bit of the sum. */
function scoreOf(ranks: readonly number[], k: number): number {
  return ranks.toSorted((a, b) => b - a).reduce((sum, rank) => sum + 1 / (k + rank), 0);
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  for (const [which, rank] of a.entries()) {
    const other = b[which] ?? Number.POSITIVE_INFINITY;
    if (rank !== other) return rank < other ? -1 : 1;
  }
  return 0;
}
