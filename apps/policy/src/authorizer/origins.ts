import type { EventLog } from '@holdfast/event-log';
import type { RecordedCommit, RunEventOf, TenantId } from '@holdfast/contracts';
import type { RunView } from './run-view.js';

/** Forks of forks are followed this far back; what was read before counts as made up. */
const FURTHEST = 16;

/**
 * Gives a forked run's view what the runs before it had read, each up to the commit at which the next one left it: values
 * keep the labels that they had there. Read once, when it is first needed. A history that does not hold the very commit
 * that the fork names is left out, so that its values count as made up.
 */
export async function joinOrigins(log: Pick<EventLog, 'readAfter'>, tenant: TenantId, view: RunView): Promise<void> {
  const seen = new Set<string>();
  for (let { fork } = view; fork !== undefined; ) {
    const { runId, number, hash } = fork.origin;
    if (seen.size >= FURTHEST || seen.has(runId)) break;
    seen.add(runId);
    const history = (await log.readAfter({ tenant, runId }, 0)).slice(0, number);
    if (history.at(-1)?.commit.hash !== hash) break;
    view.readBefore(history);
    fork = forkIn(history);
  }
  view.fork = undefined;
}

function forkIn(history: readonly RecordedCommit[]): RunEventOf<'run-forked'> | undefined {
  return history[0]?.commit.events.find((event) => event.type === 'run-forked');
}
