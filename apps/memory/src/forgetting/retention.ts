import type { DataSource } from 'typeorm';
import { throughReconnects } from '../documents/reconnects.js';

/** How long documents of a scope are kept, in all tenants. */
export interface ScopeRetention {
  readonly scope: string;
  readonly days: number;
}

const DAY_MS = 86_400_000;

/** Removes the documents of a scope, with all versions and passages, that were ingested longer ago than it keeps them; answers how many versions have gone. */
export async function removeOutdated(dataSource: DataSource, retentions: readonly ScopeRetention[], now: number): Promise<number> {
  let removed = 0;
  for (const { scope, days } of retentions) {
    const until = new Date(now - days * DAY_MS);
    removed += await throughReconnects(() => dataSource.transaction(async (manager) => {
      const of = 'FROM memory_version AS version WHERE version.scope = $1 AND version.ingested_at < $2';
      await manager.query(`DELETE FROM memory_document AS document USING memory_version AS version WHERE version.scope = $1 AND version.ingested_at < $2 AND (document.tenant, document.scope, document.document_id, document.digest) = (version.tenant, version.scope, version.document_id, version.digest)`, [scope, until]);
      const [, gone]: readonly [unknown, number] = await manager.query(`DELETE ${of}`, [scope, until]);
      return gone;
    }));
  }
  return removed;
}
