import type { Embedder } from '../embedding/embedder.js';
import type { PassageSearch } from '../search/passage-search.js';

/** A question, and the document that answers it. */
export interface Question {
  readonly query: string;
  readonly documentId: string;
}

/** How many of the questions had their document among the first five passages, from 0 to 1, by each ranking alone and by both. */
export interface Recall {
  readonly questions: number;
  readonly vector: number;
  readonly text: number;
  readonly hybrid: number;
}

export interface RecallMeans {
  readonly search: PassageSearch;
  readonly embedder: Embedder;
  readonly tenant: string;
  readonly scopes: string[];
}

const AT = 5;

/** Recall@5 of vectors, of full text, and of both merged. */
export async function recallOf(questions: readonly Question[], { search, embedder, tenant, scopes }: RecallMeans): Promise<Recall> {
  const found = { vector: 0, text: 0, hybrid: 0 };
  for (const { query, documentId } of questions) {
    const [embedding] = await embedder.embed([query]);
    if (embedding === undefined) throw new TypeError('The embedder gave no vector for the query.');
    const request = { tenant, scopes, query, limit: AT };
    const embedded = { embedder: embedder.name, embedding };
    const { nearest, matching } = await search.rankings(request, embedded);
    const holds = (ranking: readonly { readonly documentId: string }[]): number => (ranking.slice(0, AT).some((passage) => passage.documentId === documentId) ? 1 : 0);
    found.vector += holds(nearest);
    found.text += holds(matching);
    found.hybrid += holds(await search.search(request, embedded));
  }
  const share = (count: number): number => Math.round((count / questions.length) * 1_000) / 1_000;
  return { questions: questions.length, vector: share(found.vector), text: share(found.text), hybrid: share(found.hybrid) };
}
