import type { JetStreamManager } from '@nats-io/jetstream';
import { subjects } from '@holdfast/contracts';
import type { Problem } from './diagnose.js';

/** More are counted and not named. */
const NAMED = 20;

/** Runs whose history is at fault. The orchestrator names each on the dead-letter list; all other runs go on. */
export async function quarantinedRuns(manager: JetStreamManager): Promise<readonly Problem[]> {
  const info = await manager.streams.info('DEAD', { subjects_filter: subjects.dead('*', 'quarantine', '*') }).catch(() => undefined);
  const runs = Object.keys(info?.state.subjects ?? {}).map((subject) => subject.split('.')).map(([, tenant, , runId]) => `${tenant}/${runId}`).sort();
  if (runs.length === 0) return [];
  const named = `${runs.slice(0, NAMED).join(', ')}${runs.length > NAMED ? ` and ${runs.length - NAMED} more` : ''}`;
  return [{ level: 'warning', code: 'doctor.run-quarantined', message: `The history of ${runs.length === 1 ? 'a run' : `${runs.length} runs`} is at fault: ${named}.`, remedy: 'Read the letters at GET /v1/dead-letters, compare the log with a backup, and begin the tasks anew.' }];
}
