import { isAtLeast, mostSecret, secrecy as secrecyLevels, trust as trustLevels, type MemoryPassage, type MemorySearchRequest, type Secrecy, type Trust } from '@holdfast/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { assertEmbedder } from '../documents/pinned-embedder.js';
import { throughReconnects } from '../documents/reconnects.js';
import { anyOf, tellingWords } from './telling-words.js';
import { reciprocalRankFusion } from './reciprocal-rank-fusion.js';

/** How many passages each ranking contributes; more than anybody may ask for, so that fusion has a choice. */
const candidates = 50;
/**
 * Up to this many passages in the asked scopes are compared one by one, which is exact and, unlike a walk through the
 * index of all tenants, cannot miss a small tenant among large ones. Above it the HNSW index is used.
 */
const defaultExactLimit = 5_000;
/**
 * How many candidates a walk through the HNSW index keeps (`hnsw.ef_search`; the index itself has pgvector's own m = 16 and
 * ef_construction = 64). Measured at 100,000 passages in docs/benchmarks.md.
 */
const indexEffort = 400;
/** A passage less similar than this is no neighbour but merely the least distant; see `search.contract.ts`. */
const minimumSimilarity = 0.2;

const columns = `passage_id AS "passageId", document_id AS "documentId", title, text, source, author, floor(extract(epoch FROM written_at) * 1000)::float8 AS "writtenAt", trust, secrecy, digest`;
const withinReach = 'tenant = $1 AND scope = ANY($2) AND trust = ANY($3) AND secrecy = ANY($4)';

type Candidate = Omit<MemoryPassage, 'score'>;
type Reach = readonly [tenant: string, scopes: readonly string[], trusts: readonly Trust[], secrecies: readonly Secrecy[]];

/** A search whose query has been embedded by the model of this name. */
export interface EmbeddedQuery {
  readonly embedder: string;
  readonly embedding: Float32Array;
}

/** Passages by the nearness of their meaning, and by the words that they have in common with the query. */
export interface Rankings {
  readonly nearest: readonly Candidate[];
  readonly matching: readonly Candidate[];
}

/** Hybrid search: the nearest vectors and the best matching words, merged by reciprocal rank fusion. */
export class PassageSearch {
  constructor(
    private readonly dataSource: DataSource,
    private readonly exactLimit = defaultExactLimit,
  ) {}

  /** True when the query has a word that is worth looking for; one of only stop words or symbols has none. */
  async hasWords(query: string): Promise<boolean> {
    // Whether Postgres takes a symbol for a letter depends on the database's locale; this does not.
    if (!/[\p{L}\p{N}]/u.test(query)) return false;
    const rows: readonly { words: number }[] = await throughReconnects(() => this.dataSource.query(`SELECT numnode(plainto_tsquery('english', $1)) AS words`, [query]));
    return (rows[0]?.words ?? 0) > 0;
  }

  /**
   * The best passages, best first; fewer than `limit` when fewer have to do with the query. Both rankings see one
   * snapshot, so a document that is being replaced appears as it was or as it is, never as a mixture.
   * Throws `HoldfastError` `memory.embedder-changed` when the stored vectors are another model's.
   */
  async search(request: MemorySearchRequest, query: EmbeddedQuery): Promise<readonly MemoryPassage[]> {
    const { nearest, matching } = await this.rankings(request, query);
    return reciprocalRankFusion([nearest, matching], (passage) => passage.passageId)
      .slice(0, request.limit)
      .map(({ item, score }) => ({ ...item, score }));
  }

  /** Both rankings before they are merged, best first; as the errors of {@link search}. */
  async rankings(request: MemorySearchRequest, query: EmbeddedQuery): Promise<Rankings> {
    const { tenant, scopes, minimumTrust = 'model', highestSecrecy = 'secret' } = request;
    const reach: Reach = [tenant, scopes, trustLevels.options.filter((level) => isAtLeast(level, minimumTrust)), secrecyLevels.options.filter((level) => mostSecret(level, highestSecrecy) === highestSecrecy)];
    return throughReconnects(() =>
      this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        await assertEmbedder(manager, query.embedder);
        return { nearest: await this.#nearest(manager, reach, query.embedding), matching: await this.#matching(manager, reach, request.query) };
      }),
    );
  }

  async #nearest(manager: EntityManager, reach: Reach, embedding: Float32Array): Promise<Candidate[]> {
    const probe: readonly { size: number }[] = await manager.query(
      `SELECT count(*)::int AS size FROM (SELECT 1 FROM memory_passage WHERE ${withinReach} LIMIT ${this.exactLimit + 1}) AS reach`,
      [...reach],
    );
    const exact = (probe[0]?.size ?? 0) <= this.exactLimit;
    // The filter is applied to what the index yields; it must go on yielding until enough has passed the filter.
    if (!exact) await manager.query(`SET LOCAL hnsw.iterative_scan = strict_order; SET LOCAL hnsw.ef_search = ${indexEffort}`);
    // Adding zero keeps the planner from the index, whose order is approximate.
    const distance = exact ? '(embedding <=> $5::vector) + 0' : 'embedding <=> $5::vector';
    const order = exact ? `${distance}, passage_id COLLATE "C"` : distance;
    return manager.query(
      `SELECT ${columns} FROM (
         SELECT *, ${distance} AS distance FROM memory_passage WHERE ${withinReach} ORDER BY ${order} LIMIT ${candidates}
       ) AS neighbour
       WHERE distance <= ${1 - minimumSimilarity} ORDER BY distance, passage_id COLLATE "C"`,
      [...reach, `[${embedding.join(',')}]`],
    );
  }

  /**
   * Any of the query's words may match: people ask in sentences, and no passage has all words of one. A passage is worth what its
   * words weigh together, each the more the fewer passages have it: the inverse document frequency of Robertson and Spärck Jones as
   * BM25 has it, among the passages that match at all. Without it, "our" and "when" outweigh a name; Postgres' own ranking knows no
   * frequencies, and decides among equals.
   */
  async #matching(manager: EntityManager, reach: Reach, query: string): Promise<Candidate[]> {
    const words = await tellingWords(manager, query);
    return manager.query(
      `WITH matched AS MATERIALIZED (
         SELECT passage_id, ts_rank(search, $5::tsquery) AS rank, ARRAY(SELECT nth FROM unnest($6::tsquery[]) WITH ORDINALITY AS wanted (word, nth) WHERE search @@ word) AS has
         FROM memory_passage WHERE ${withinReach} AND search @@ $5::tsquery
       ), weighed AS MATERIALIZED (
         SELECT array_agg(ln(1 + (total - found + 0.5) / (found + 0.5)) ORDER BY nth) AS weights FROM (
           SELECT nth, (SELECT count(*) FROM matched) AS total, (SELECT count(*) FROM matched WHERE nth = ANY(has)) AS found FROM generate_series(1, cardinality($6::tsquery[])) AS nth
         ) AS counted
       ), best AS (
         SELECT passage_id, rank, round((SELECT sum(weights[nth]) FROM unnest(has) AS nth)::numeric, 9) AS weight FROM matched, weighed
         ORDER BY weight DESC, rank DESC, passage_id COLLATE "C" LIMIT ${candidates}
       )
       SELECT ${columns} FROM best JOIN memory_passage USING (passage_id) ORDER BY weight DESC, rank DESC, passage_id COLLATE "C"`,
      [...reach, anyOf(words), words.map((word) => anyOf([word]))],
    );
  }
}
