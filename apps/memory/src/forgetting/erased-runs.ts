import { HoldfastError } from '@holdfast/contracts';
import type { EntityManager } from 'typeorm';

/**
 * Takes the texts out of the turns of runs that are about somebody who was erased, and out of those that began after them in the same
 * thread and before the erasure, since these were told of them. It may be repeated, and has to be whenever turns are projected. Returns
 * how many runs are erased that were not before.
 */
export async function eraseTurns(manager: EntityManager, tenant: string): Promise<number> {
  const own: readonly unknown[] = await manager.query(
    `INSERT INTO memory_erased_run (tenant, run_id, data_subject, at)
     SELECT subject.tenant, subject.run_id, subject.data_subject, erasure.at FROM memory_run_subject AS subject
     JOIN memory_erasure AS erasure ON (erasure.tenant, erasure.data_subject) = (subject.tenant, subject.data_subject)
     WHERE subject.tenant = $1 AND subject.begun_at <= erasure.at ON CONFLICT DO NOTHING RETURNING 1`,
    [tenant],
  );
  const later: readonly unknown[] = await manager.query(
    `INSERT INTO memory_erased_run (tenant, run_id, data_subject, at)
     SELECT DISTINCT later.tenant, later.run_id, erased.data_subject, erased.at FROM memory_erased_run AS erased
     JOIN memory_thread_turn AS turn ON (turn.tenant, turn.run_id) = (erased.tenant, erased.run_id)
     JOIN memory_thread_turn AS later ON (later.tenant, later.thread) = (turn.tenant, turn.thread) AND later.asked_at >= turn.asked_at AND later.asked_at <= erased.at
     WHERE erased.tenant = $1 ON CONFLICT DO NOTHING RETURNING 1`,
    [tenant],
  );
  await manager.query(
    `UPDATE memory_thread_turn AS turn SET goal = '', answer = NULL, answer_trust = NULL, answer_secrecy = NULL, erased = true FROM memory_erased_run AS erased
     WHERE turn.tenant = $1 AND (erased.tenant, erased.run_id) = (turn.tenant, turn.run_id) AND (NOT turn.erased OR turn.answer IS NOT NULL)`,
    [tenant],
  );
  return own.length + later.length;
}

/** Throws `HoldfastError` `memory.subject-erased` for what a run writes, or one that it started, whose texts are not kept. */
export async function assertNotErased(manager: EntityManager, tenant: string, runId: string): Promise<void> {
  const found: readonly object[] = await manager.query(`SELECT 1 FROM memory_erased_run WHERE tenant = $1 AND (run_id = $2 OR starts_with($2, run_id || '_')) LIMIT 1`, [tenant, runId]);
  if (found.length === 0) return;
  throw new HoldfastError({ code: 'memory.subject-erased', message: `What the run ${runId} knows is about somebody who was erased meanwhile, and is not remembered.`, retryable: false, remedy: 'Go on without it.' });
}
