import type { EventLog } from '@holdfast/event-log';
import type { RecordedCommit, RunEventOf, TenantId } from '@holdfast/contracts';
import type { RunView } from './run-view.js';

/** Forks of forks are followed this far back. */
const FURTHEST = 16;

/**
 * Gives a forked run's view what the runs before it had read, each up to the commit at which the next one left it: values
 * keep the labels that they had there. Read once, when it is first needed. Where a history does not hold the very commit
 * that the fork names, or goes back too far, the run has read what nobody knows: its values count as made up, and everything
 * that it writes as if it held an outsider's text and secrets.
 */
export async function joinOrigins(log: Pick<EventLog, 'readAfter'>, tenant: TenantId, view: RunView): Promise<void> {
  const seen = new Set<string>();
  for (let { fork } = view; fork !== undefined; ) {
    const { runId, number, hash } = fork.origin;
    if (seen.size >= FURTHEST || seen.has(runId)) return unknown(view, runId);
    seen.add(runId);
    const history = (await log.readAfter({ tenant, runId }, 0)).slice(0, number);
    if (history.at(-1)?.commit.hash !== hash) return unknown(view, runId);
    view.readBefore(history);
    fork = forkIn(history);
  }
  view.fork = undefined;
}

function unknown(view: RunView, runId: string): void {
  view.index.readUnknown(`the history of the run ${runId}, which could not be followed`);
  view.fork = undefined;
}

function forkIn(history: readonly RecordedCommit[]): RunEventOf<'run-forked'> | undefined {
  return history[0]?.commit.events.find((event) => event.type === 'run-forked');
}
