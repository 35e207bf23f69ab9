import type { EntityManager } from 'typeorm';
import type { LogProjection } from '../projection/log-projector.js';
import { lockRevocations, spreadRevocations } from '../revocation/revocations.js';
import { DescentEntity } from './descent.entity.js';
import { ReadingEntity } from './reading.entity.js';
import { readingsOf, type DescentRow, type ReadingRow } from './readings-of.js';

/** Who read what, by the log. What turns out to have read something revoked has what it remembered revoked too. */
export const readingsProjection: LogProjection<ReadingRow | DescentRow> = {
  name: 'readings',
  rowsOf: readingsOf,
  async store(manager, rows) {
    const readings = rows.flatMap((row) => (row.kind === 'reading' ? [withoutKind(row)] : []));
    const descents = rows.flatMap((row) => (row.kind === 'descent' ? [withoutKind(row)] : []));
    // In one order, so that two processes that write for the same tenants do not wait for each other.
    const tenants = [...new Set(rows.map((row) => row.tenant))].sort();
    for (const tenant of tenants) await lockRevocations(manager, tenant, 'alone');
    await insert(manager, ReadingEntity, readings);
    await insert(manager, DescentEntity, descents);
    for (const tenant of tenants) await spreadRevocations(manager, tenant);
  },
};

async function insert(manager: EntityManager, entity: typeof ReadingEntity | typeof DescentEntity, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await manager.createQueryBuilder().insert().into(entity).values([...rows]).orIgnore().execute();
}

function withoutKind<Row extends { readonly kind: string }>({ kind: _kind, ...row }: Row): Omit<Row, 'kind'> {
  return row;
}
