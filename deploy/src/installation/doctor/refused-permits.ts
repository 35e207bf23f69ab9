import type { JetStreamManager } from '@nats-io/jetstream';
import { subjects } from '@holdfast/contracts';
import type { Problem } from './diagnose.js';

/** Calls whose permits adapters refused. A forged one means that somebody got at the log or at a key; an expired one, that calls wait too long. */
export async function refusedPermits(manager: JetStreamManager): Promise<readonly Problem[]> {
  const info = await manager.streams.info('DEAD', { subjects_filter: subjects.dead('*', 'permits', '*') }).catch(() => undefined);
  const letters = Object.keys(info?.state.subjects ?? {});
  if (letters.length === 0) return [];
  return [{ level: 'warning', code: 'doctor.permits-refused', message: `Adapters refused the permits of ${letters.length === 1 ? 'a call' : `${letters.length} calls`}.`, remedy: 'Read the letters at GET /v1/dead-letters, and follow docs/runbooks/permits.md.' }];
}
