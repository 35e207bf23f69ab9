import { createHash } from 'node:crypto';
import { canonicalJson, threadPage, type ProjectedTurn, type Secrecy, type TenantId, type Trust } from '@holdfast/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { throughReconnects } from '../documents/reconnects.js';
import { eraseTurns } from '../forgetting/erased-runs.js';
import { RunSubjectEntity } from '../forgetting/forgetting.entities.js';
import { lockRevocations } from '../revocation/revocations.js';
import { ThreadTurnEntity } from './thread-turn.entity.js';
import type { TurnsIn } from './turns-in.js';

/** How far a partition has been projected. */
export interface Position {
  readonly sequence: number;
  readonly hash: string;
  readonly generation: number;
}

/** Turns that are read at once for the checksum. */
const PAGE = 500;
const order = 'tenant COLLATE "C", thread COLLATE "C", asked_at, run_id COLLATE "C"';

/** Threads in Postgres. Every method outlives a lost connection; see `throughReconnects`. */
export class ThreadStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Where a partition stands; its row is made when it is first asked for. */
  async position(partition: number): Promise<Position> {
    return throughReconnects(async () => {
      const find = (): Promise<Position[]> => this.dataSource.query('SELECT sequence::float8 AS sequence, hash, generation FROM memory_thread_position WHERE log_partition = $1', [partition]);
      const [known] = await find();
      if (known !== undefined) return known;
      // A partition that is first seen after a rebuild belongs to the present generation as well.
      await this.dataSource.query(`INSERT INTO memory_thread_position (log_partition, sequence, hash, generation) SELECT $1, 0, '', coalesce(max(generation), 1) FROM memory_thread_position ON CONFLICT DO NOTHING`, [partition]);
      const [made] = await find();
      if (made === undefined) throw new TypeError('A position that was made is not there.');
      return made;
    });
  }

  /**
   * Takes the step from one position to the next, with all that the commits between them say, in one transaction; false, and
   * nothing is changed, when somebody else has taken a step from there.
   */
  async advance(partition: number, from: Position, to: Position, { begun, ended, subjects }: TurnsIn): Promise<boolean> {
    return throughReconnects(() =>
      this.dataSource.transaction(async (manager) => {
        // In one order; and beside others, so that nobody is erased between a turn and the look whether it is.
        const tenants = [...new Set([...begun, ...ended, ...subjects].map(({ tenant }) => tenant))].sort();
        for (const tenant of tenants) await lockRevocations(manager, tenant, 'beside-others');
        const [, moved]: [unknown, number] = await manager.query(
          'UPDATE memory_thread_position SET sequence = $2, hash = $3 WHERE log_partition = $1 AND sequence = $4 AND generation = $5',
          [partition, to.sequence, to.hash, from.sequence, from.generation],
        );
        // A transaction whose answer was lost is run again, and finds its own step taken.
        if (moved === 0) return this.#stands(manager, partition, to);
        if (begun.length > 0) await manager.createQueryBuilder().insert().into(ThreadTurnEntity).values(begun.map((turn) => ({ ...turn, status: 'running' as const }))).orIgnore().execute();
        if (subjects.length > 0) await manager.createQueryBuilder().insert().into(RunSubjectEntity).values([...subjects]).orIgnore().execute();
        for (const { tenant, runId, ...end } of ended) await manager.update(ThreadTurnEntity, { tenant, runId }, end);
        for (const tenant of tenants) await eraseTurns(manager, tenant);
        return true;
      }),
    );
  }

  /** Forgets all that was projected, in one transaction: whoever follows the log makes it again. Of turns that were erased nothing but their outline is left, which the log may not tell any more. */
  async reset(): Promise<void> {
    return throughReconnects(() =>
      this.dataSource.transaction(async (manager) => {
        // Steps that are being taken hold their position, so that their turns are there to be deleted.
        await manager.query(`UPDATE memory_thread_position SET sequence = 0, hash = '', generation = generation + 1`);
        await manager.query('DELETE FROM memory_thread_turn WHERE NOT erased');
      }),
    );
  }

  /** Turns of a thread, oldest first, with their texts cut, and how many there are. */
  async read(tenant: TenantId, thread: string, offset: number): Promise<{ readonly total: number; readonly turns: readonly ProjectedTurn[] }> {
    return throughReconnects(async () => {
      const turns = this.dataSource.getRepository(ThreadTurnEntity);
      const [found, total] = await turns.findAndCount({ where: { tenant, thread }, order: { askedAt: 'ASC', runId: 'ASC' }, skip: offset, take: threadPage.turns });
      return { total, turns: found.map(turnOf) };
    });
  }

  /** How many turns there are, and the SHA-256 over all of them in a fixed order. */
  async checksum(): Promise<{ readonly turns: number; readonly checksum: string }> {
    return throughReconnects(() =>
      this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        const hash = createHash('sha256');
        for (let turns = 0; ; turns += PAGE) {
          const page: readonly object[] = await manager.query(`SELECT * FROM memory_thread_turn ORDER BY ${order} LIMIT ${PAGE} OFFSET ${turns}`);
          for (const row of page) hash.update(`${canonicalJson(JSON.parse(JSON.stringify(row)))}\n`);
          if (page.length < PAGE) return { turns: turns + page.length, checksum: hash.digest('hex') };
        }
      }),
    );
  }

  async #stands(manager: EntityManager, partition: number, { sequence, hash, generation }: Position): Promise<boolean> {
    const found: readonly object[] = await manager.query('SELECT 1 FROM memory_thread_position WHERE log_partition = $1 AND sequence = $2 AND hash = $3 AND generation = $4', [partition, sequence, hash, generation]);
    return found.length > 0;
  }
}

function turnOf({ runId, thread, requester, goal, goalTrust, goalSecrecy, askedAt, status, answer, answerTrust, answerSecrecy, endedAt, erased }: ThreadTurnEntity): ProjectedTurn {
  const labelled = (text: string, trust: Trust, secrecy: Secrecy, what: string): ProjectedTurn['goal'] => ({ text: cut(text), label: { trust, secrecy, source: `thread ${thread} run ${runId} ${what}` } });
  return {
    runId, requester, goal: labelled(goal, goalTrust, goalSecrecy, 'goal'), askedAt: askedAt.getTime(), status,
    ...(answer === null || answerTrust === null || answerSecrecy === null ? {} : { answer: labelled(answer, answerTrust, answerSecrecy, 'answer') }),
    ...(erased ? { erased } : {}),
    ...(endedAt === null ? {} : { endedAt: endedAt.getTime() }),
  };
}

function cut(text: string): string {
  return text.length <= threadPage.text ? text : `${text.slice(0, threadPage.text - 1)}…`;
}
