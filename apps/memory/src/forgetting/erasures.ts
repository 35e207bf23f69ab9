import { ERASURES_STREAM, erasure, parseErasureSubject, type ErasureAnswer, type TenantId } from '@holdfast/contracts';
import type { Bus } from '@holdfast/bus';
import type { DataSource, EntityManager } from 'typeorm';
import { throughReconnects } from '../documents/reconnects.js';
import { derivedFrom, readersOf } from '../revocation/reach.js';
import { lockRevocations } from '../revocation/revocations.js';
import { eraseTurns } from './erased-runs.js';

const PAGE = 500;
/** Names the position in the stream of erasures among those of projections. */
const POSITION = 'erasures';

export interface ErasuresOptions {
  readonly bus: Pick<Bus, 'getBatch'>;
  readonly dataSource: DataSource;
  /** Resolves when who read what, and which run is about whom, is known as far as the log tells it now. */
  readonly caughtUp: () => Promise<void>;
}

interface Order {
  readonly tenant: string;
  readonly dataSubject: string;
  readonly at: Date;
}

/**
 * Carries out the orders to erase data subjects, which stand in a stream of their own: documents that are theirs in all versions, what
 * runs remembered that were about them or had read of them, and the texts of these runs' turns. Each order is carried out with its
 * position in one transaction, and carrying it out twice changes nothing.
 */
export class Erasures {
  private running: Promise<void> | undefined;

  constructor(private readonly options: ErasuresOptions) {}

  /** Resolves when every order of before the call is carried out. Throws `bus.unavailable`, `log.unavailable` and `memory.database-unavailable` (retryable). */
  async carryOut(): Promise<void> {
    await this.running?.catch(() => undefined);
    this.running ??= this.all().finally(() => { this.running = undefined; });
    return this.running;
  }

  /** What has gone by the erasures of a data subject so far. */
  async erased(tenant: TenantId, dataSubject: string): Promise<ErasureAnswer> {
    return throughReconnects(async () => {
      const [found]: readonly ErasureAnswer[] = await this.options.dataSource.query(
        `SELECT coalesce((SELECT documents FROM memory_erasure WHERE tenant = $1 AND data_subject = $2), 0) AS documents,
           (SELECT count(*)::int FROM memory_erased_run AS erased JOIN memory_thread_turn AS turn USING (tenant, run_id) WHERE erased.tenant = $1 AND erased.data_subject = $2) AS turns`,
        [tenant, dataSubject],
      );
      return found ?? { documents: 0, turns: 0 };
    });
  }

  private async all(): Promise<void> {
    const { bus, dataSource, caughtUp } = this.options;
    for (;;) {
      const [known]: readonly { sequence: number }[] = await throughReconnects(() => dataSource.query('SELECT sequence::float8 AS sequence FROM memory_projection_position WHERE projection = $1 AND partition = 0', [POSITION]));
      const page = await bus.getBatch(ERASURES_STREAM, (known?.sequence ?? 0) + 1, PAGE);
      if (page.length === 0) return;
      await caughtUp();
      for (const { subject, data, sequence } of page) {
        const place = parseErasureSubject(subject);
        const { at } = erasure.parse(JSON.parse(new TextDecoder().decode(data)));
        if (place !== undefined) await throughReconnects(() => dataSource.transaction((manager) => carryOut(manager, { ...place, at: new Date(at) }, sequence)));
      }
    }
  }
}

async function carryOut(manager: EntityManager, order: Order, sequence: number): Promise<void> {
  const { tenant, dataSubject, at } = order;
  // Nobody stores a document or a turn of the tenant meanwhile.
  await lockRevocations(manager, tenant, 'alone');
  await manager.query(
    `INSERT INTO memory_erasure AS known (tenant, data_subject, at) VALUES ($1, $2, $3) ON CONFLICT (tenant, data_subject) DO UPDATE SET at = GREATEST(known.at, EXCLUDED.at)`,
    [tenant, dataSubject, at],
  );
  const digests = new Set<string>();
  // What runs remembered leads to runs that read it, which may have remembered something, until nothing is left.
  for (let isNew = true; isNew;) {
    const runs = await eraseTurns(manager, tenant);
    const before = digests.size;
    for (const digest of await digestsOf(manager, order, [...digests])) digests.add(digest);
    const readers = await readersOf(manager, { tenant, sources: [], digests: [...digests] }, '', 1_000_000);
    const told = await insertRuns(manager, order, readers.map(({ runId }) => runId));
    isNew = runs + told > 0 || digests.size > before;
  }
  await manager.query('DELETE FROM memory_version_subject WHERE tenant = $1 AND digest = ANY($2)', [tenant, [...digests]]);
  await manager.query('DELETE FROM memory_document WHERE tenant = $1 AND digest = ANY($2)', [tenant, [...digests]]);
  const [, removed]: readonly [unknown, number] = await manager.query('DELETE FROM memory_version WHERE tenant = $1 AND digest = ANY($2)', [tenant, [...digests]]);
  await manager.query('UPDATE memory_erasure SET documents = documents + $3 WHERE tenant = $1 AND data_subject = $2', [tenant, dataSubject, removed]);
  await manager.query(
    `INSERT INTO memory_projection_position AS known (projection, partition, sequence) VALUES ($1, 0, $2)
     ON CONFLICT (projection, partition) DO UPDATE SET sequence = GREATEST(known.sequence, EXCLUDED.sequence)`,
    [POSITION, sequence],
  );
}

/** Documents of the data subject, what runs of theirs or started by these remembered, and what is derived from any of it. */
async function digestsOf(manager: EntityManager, { tenant, dataSubject, at }: Order, known: readonly string[]): Promise<readonly string[]> {
  const own: readonly { digest: string }[] = await manager.query(
    `SELECT version.digest FROM memory_version AS version
     JOIN memory_version_subject AS subject ON (subject.tenant, subject.digest) = (version.tenant, version.digest)
     WHERE subject.tenant = $1 AND subject.data_subject = $2 AND version.ingested_at <= $3
     UNION
     SELECT version.digest FROM memory_version AS version JOIN memory_erased_run AS erased ON erased.tenant = version.tenant
     WHERE version.tenant = $1 AND erased.data_subject = $2 AND (version.run_id = erased.run_id OR starts_with(version.run_id, erased.run_id || '_'))`,
    [tenant, dataSubject, at],
  );
  const digests = [...new Set([...known, ...own.map(({ digest }) => digest)])];
  const derived = await derivedFrom(manager, { tenant, sources: [], digests });
  return [...digests, ...derived.map(({ digest }) => digest)];
}

async function insertRuns(manager: EntityManager, { tenant, dataSubject, at }: Order, runIds: readonly string[]): Promise<number> {
  const rows: readonly unknown[] = await manager.query(
    'INSERT INTO memory_erased_run (tenant, run_id, data_subject, at) SELECT $1, run_id, $2, $3 FROM unnest($4::text[]) AS run (run_id) ON CONFLICT DO NOTHING RETURNING 1',
    [tenant, dataSubject, at, runIds],
  );
  return rows.length;
}
