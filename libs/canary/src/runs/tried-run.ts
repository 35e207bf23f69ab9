import { spentOn, type CanaryDeclaration, type Commit, type Digest, type RunEvent } from '@holdfast/contracts';

export type Arm = 'candidate' | 'incumbent';

/** What a canary knows of one run, from the run's log alone. Nothing of it grows with the run, and nothing of it is text of the run's. */
export interface TriedRun {
  /** Tenant and run id. */
  readonly id: string;
  readonly arm: Arm;
  /** What the choice of its version followed from: of each, the first run alone counts. */
  readonly unit: string;
  /** The number of the last commit that was folded. */
  readonly commits: number;
  /** Milliseconds since the Unix epoch, as the log tells them. */
  readonly startedAt: number;
  /** Undefined while it has not ended within the time in which runs are judged. */
  readonly endedAt?: number;
  readonly completed: boolean;
  readonly answered: boolean;
  readonly costMicros: number;
  readonly denied: boolean;
  readonly inDoubt: boolean;
  readonly overridden: boolean;
  readonly calls: { readonly succeeded: number; readonly failed: number };
}

type Trial = Pick<CanaryDeclaration, 'agent' | 'candidate' | 'stableBy' | 'judgedAfterSeconds'> & { readonly incumbent: Digest };

/**
 * The run after one more commit; undefined for runs that say nothing of the trial: of other versions, or whose version was not
 * drawn from the route for a task of its own (runs that other runs start, forks, retries). What happens after the time in which
 * runs are judged changes nothing, so that a late end finds the same verdict as one that never comes.
 */
export function observe(run: TriedRun | undefined, commit: Commit, trial: Trial): TriedRun | undefined {
  if (run === undefined) return begin(commit, trial);
  if (commit.number <= run.commits) return run;
  const seen = { ...run, commits: commit.number };
  return commit.at - run.startedAt > trial.judgedAfterSeconds * 1_000 ? seen : commit.events.reduce((after, event) => observeEvent(after, event, commit.at), seen);
}

function begin(commit: Commit, trial: Trial): TriedRun | undefined {
  const [first] = commit.events;
  if (commit.number !== 1 || first?.type !== 'task-accepted' || first.parent !== undefined || first.agent.name !== trial.agent) return undefined;
  const arm = first.agent.digest === trial.candidate ? 'candidate' : first.agent.digest === trial.incumbent ? 'incumbent' : undefined;
  if (arm === undefined) return undefined;
  const { tenant, runId } = commit;
  const { thread, requester } = first.task;
  const unit = trial.stableBy === 'requester' ? `requester/${requester}` : trial.stableBy === 'thread' && thread !== undefined ? `thread/${thread}` : `run/${runId}`;
  const run: TriedRun = { id: `${tenant}/${runId}`, arm, unit: `${tenant}/${unit}`, commits: 1, startedAt: commit.at, completed: false, answered: false, costMicros: 0, denied: false, inDoubt: false, overridden: false, calls: { succeeded: 0, failed: 0 } };
  return commit.events.reduce((after, event) => observeEvent(after, event, commit.at), run);
}

function observeEvent(run: TriedRun, event: RunEvent, at: number): TriedRun {
  switch (event.type) {
    case 'decision-made': {
      const { model, compaction } = event.proposal;
      const cost = [model, ...(compaction?.model === undefined ? [] : [compaction.model])].reduce((sum, call) => sum + (spentOn(call).costMicros ?? 0), 0);
      return { ...run, costMicros: run.costMicros + cost };
    }
    case 'policy-checked': return event.verdict.outcome === 'deny' ? { ...run, denied: true } : run;
    case 'approval-answered': return event.answer === 'rejected' || event.answer === 'edited' ? { ...run, overridden: true } : run;
    case 'wind-down-begun': return event.status === 'cancelled' || event.compensate === true ? { ...run, overridden: true } : run;
    case 'tool-returned': {
      const { status } = event.outcome;
      if (status === 'in-doubt') return { ...run, inDoubt: true };
      return { ...run, calls: { ...run.calls, [status]: run.calls[status] + 1 } };
    }
    case 'run-ended':
      return { ...run, endedAt: at, completed: event.status === 'completed', answered: event.answer !== undefined && event.answer !== '', overridden: run.overridden || event.status === 'cancelled' };
    default: return run;
  }
}
