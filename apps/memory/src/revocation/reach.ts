import type { EntityManager } from 'typeorm';

/** Sources and documents, by digest, of one tenant. */
export interface Origins {
  readonly tenant: string;
  readonly sources: readonly string[];
  readonly digests: readonly string[];
}

/** A document that a run remembered after it had read something. */
export interface DerivedDocument {
  readonly digest: string;
  readonly scope: string;
  readonly documentId: string;
  readonly runId: string;
}

/** A run that read something: from which of its commits on, and from which other run it has that, where it was not shown it itself. */
export interface Reader {
  readonly runId: string;
  readonly commit: number;
  readonly through: string | null;
}

/** Every run that was shown a passage of the origins ($2 sources, $3 digests), or took over what such a run had read. */
const READERS = `WITH RECURSIVE reader (run_id, commit, through) AS (
    SELECT run_id, min(commit), NULL::text FROM memory_reading
    WHERE tenant = $1 AND (source = ANY($2) OR digest = ANY($3)) GROUP BY run_id
    UNION
    SELECT descent.run_id, descent.commit, reader.run_id
    FROM reader JOIN memory_descent AS descent ON descent.from_run_id = reader.run_id
    WHERE descent.tenant = $1 AND reader.commit <= coalesce(descent.from_commit, reader.commit)
  )`;

/** What runs remembered after they had read any of the origins, and what runs remembered after they had read that, until nothing is left. */
export async function derivedFrom(manager: EntityManager, { tenant, sources, digests }: Origins): Promise<readonly DerivedDocument[]> {
  const derived = new Map<string, DerivedDocument>();
  for (;;) {
    const known = [...digests, ...[...derived.values()].map(({ digest }) => digest)];
    const found: readonly DerivedDocument[] = await manager.query(
      `${READERS} SELECT DISTINCT version.digest, version.scope, version.document_id AS "documentId", version.run_id AS "runId"
       FROM memory_version AS version JOIN reader ON reader.run_id = version.run_id AND reader.commit < version.run_commit
       WHERE version.tenant = $1 ORDER BY version.digest, version.scope, "documentId"`,
      [tenant, sources, known],
    );
    const fresh = found.filter((document) => !derived.has(placeOf(document)));
    if (fresh.length === 0) return [...derived.values()];
    for (const document of fresh) derived.set(placeOf(document), document);
  }
}

/** Runs that read any of the origins, by id, up to `limit` of those after `after`. */
export async function readersOf(manager: EntityManager, { tenant, sources, digests }: Origins, after: string, limit: number): Promise<readonly Reader[]> {
  return manager.query(
    `${READERS} SELECT run_id AS "runId", min(commit) AS commit, (array_agg(through ORDER BY commit, through NULLS FIRST))[1] AS through
     FROM reader WHERE run_id COLLATE "C" > $4 GROUP BY run_id ORDER BY run_id COLLATE "C" LIMIT $5`,
    [tenant, sources, digests, after, limit],
  );
}

function placeOf({ scope, documentId, digest }: DerivedDocument): string {
  return `${scope}\n${documentId}\n${digest}`;
}
