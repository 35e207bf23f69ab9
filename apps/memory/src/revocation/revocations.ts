import { HoldfastError, type MemoryOrigin, type MemoryReadersAnswer } from '@holdfast/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { throughReconnects } from '../documents/reconnects.js';
import { derivedFrom, readersOf, type Origins } from './reach.js';

/** Who revokes something, and why. */
export interface RevocationWord {
  readonly by: string;
  readonly reason: string;
}

/** Readers in one answer. */
const PAGE = 500;

/**
 * What must not be found any more. Revoking is for ever and may be repeated: what was remembered by runs that had read it goes with it,
 * also when the log tells of their reading only later.
 */
export class Revocations {
  constructor(private readonly dataSource: DataSource) {}

  /** Revokes an origin with all that is derived from it; returns how many documents were taken out of search by this word. */
  async revoke(tenant: string, origin: MemoryOrigin, word: RevocationWord): Promise<number> {
    return throughReconnects(() =>
      this.dataSource.transaction(async (manager) => {
        await lockRevocations(manager, tenant, 'alone');
        const [kind, value] = 'source' in origin ? ['source', origin.source] : ['digest', origin.digest];
        await insert(manager, tenant, [[kind, value]], word);
        return spreadRevocations(manager, tenant);
      }),
    );
  }

  /** The runs that read an origin, or what was remembered after it had been read; by id, one page after a run. */
  async readers(tenant: string, origin: MemoryOrigin, after = ''): Promise<MemoryReadersAnswer> {
    return throughReconnects(async () => {
      const { manager } = this.dataSource;
      const origins: Origins = { tenant, sources: 'source' in origin ? [origin.source] : [], digests: 'digest' in origin ? [origin.digest] : [] };
      const derived = await derivedFrom(manager, origins);
      const runs = await readersOf(manager, { ...origins, digests: [...origins.digests, ...derived.map(({ digest }) => digest)] }, after, PAGE + 1);
      return {
        runs: runs.slice(0, PAGE).map(({ runId, commit, through }) => ({ runId, commit, ...(through === null ? {} : { through }) })),
        derived: derived.slice(0, PAGE).map((document) => ({ ...document })),
        more: runs.length > PAGE || derived.length > PAGE,
      };
    });
  }
}

/**
 * Revokes what is derived from anything revoked, and takes the passages of all that is revoked out of search; returns how many documents
 * they were of. Only for who holds the tenant's revocations alone.
 */
export async function spreadRevocations(manager: EntityManager, tenant: string): Promise<number> {
  const revoked: readonly { kind: string; value: string }[] = await manager.query('SELECT kind, value FROM memory_revocation WHERE tenant = $1', [tenant]);
  if (revoked.length === 0) return 0;
  const valuesOf = (wanted: string): readonly string[] => revoked.filter(({ kind }) => kind === wanted).map(({ value }) => value);
  const derived = await derivedFrom(manager, { tenant, sources: valuesOf('source'), digests: valuesOf('digest') });
  await insert(manager, tenant, derived.map(({ digest }) => ['digest', digest]), { by: 'holdfast', reason: 'A run remembered it after it had read what was revoked.' });
  const [, removed]: readonly [unknown, number] = await manager.query(
    `DELETE FROM memory_document AS document USING memory_revocation AS revoked
     WHERE document.tenant = $1 AND revoked.tenant = $1
       AND ((revoked.kind = 'digest' AND revoked.value = document.digest) OR (revoked.kind = 'source' AND revoked.value = document.source))`,
    [tenant],
  );
  return removed;
}

/** Throws `HoldfastError` `memory.source-revoked` for a document that is revoked by its digest, or whose source is. */
export async function assertNotRevoked(manager: EntityManager, tenant: string, { digest, source }: { readonly digest: string; readonly source: string }): Promise<void> {
  const found: readonly { reason: string }[] = await manager.query(
    `SELECT reason FROM memory_revocation WHERE tenant = $1 AND ((kind = 'digest' AND value = $2) OR (kind = 'source' AND value = $3))`,
    [tenant, digest, source],
  );
  refuse(found);
}

/** The same for a place whose versions all say the same: once one was revoked, others do not bring it back under a name of their own. */
export async function assertNeverRevoked(manager: EntityManager, { tenant, scope, documentId }: { readonly tenant: string; readonly scope: string; readonly documentId: string }): Promise<void> {
  const found: readonly { reason: string }[] = await manager.query(
    `SELECT revoked.reason FROM memory_version AS version JOIN memory_revocation AS revoked ON revoked.tenant = version.tenant
       AND ((revoked.kind = 'digest' AND revoked.value = version.digest) OR (revoked.kind = 'source' AND revoked.value = version.source))
     WHERE version.tenant = $1 AND version.scope = $2 AND version.document_id = $3 LIMIT 1`,
    [tenant, scope, documentId],
  );
  refuse(found);
}

function refuse([revoked]: readonly { readonly reason: string }[]): void {
  if (revoked !== undefined) throw sourceRevoked(revoked.reason);
}

export function sourceRevoked(reason: string): HoldfastError {
  return new HoldfastError({ code: 'memory.source-revoked', message: `The document, or its source, was revoked: ${reason}`, retryable: false, remedy: 'Leave it out; what is true of it has to come from another source.' });
}

/** Who stores documents does so beside others; who revokes is alone, so that nothing revoked is stored behind their back. Until the transaction ends. */
export async function lockRevocations(manager: EntityManager, tenant: string, how: 'alone' | 'beside-others'): Promise<void> {
  await manager.query(`SELECT ${how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'}(hashtextextended($1, 1))`, [tenant]);
}

async function insert(manager: EntityManager, tenant: string, values: readonly (readonly string[])[], { by, reason }: RevocationWord): Promise<void> {
  await manager.query(
    `INSERT INTO memory_revocation (tenant, kind, value, by, reason) SELECT $1, kind, value, $2, $3 FROM unnest($4::text[], $5::text[]) AS revoked (kind, value) ON CONFLICT DO NOTHING`,
    [tenant, by, reason, values.map(([kind]) => kind), values.map(([, value]) => value)],
  );
}
