import type { CachedRunReader } from '@holdfast/event-log';
import type { RecordedCommit, RunEventOf, RunKey } from '@holdfast/contracts';
import type { Origins } from './messages.js';

/** Forks of forks are followed this far back; what lies before is left out of the conversation. */
const FURTHEST = 16;

/** Reads the runs at which a forked run, and those before it, began: each up to the commit at which the next one left it. */
export async function readOrigins(reader: Pick<CachedRunReader, 'read'>, key: RunKey, history: readonly RecordedCommit[]): Promise<Origins> {
  const origins = new Map<string, readonly RecordedCommit[]>();
  for (let fork = forkOf(history); fork !== undefined && origins.size < FURTHEST && !origins.has(fork.origin.runId);) {
    const { runId, number } = fork.origin;
    const before = (await reader.read({ tenant: key.tenant, runId }, number)).slice(0, number);
    origins.set(runId, before);
    fork = forkOf(before);
  }
  return origins;
}

function forkOf(history: readonly RecordedCommit[]): RunEventOf<'run-forked'> | undefined {
  return history[0]?.commit.events.find((event) => event.type === 'run-forked');
}
