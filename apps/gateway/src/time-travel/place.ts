import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';

/** The number of a commit that the run has; its last where none is named. Throws `run.commit-unknown`. */
export function placeIn(history: readonly RecordedCommit[], at = history.length): number {
  if (at <= history.length) return at;
  throw new HoldfastError({ code: 'run.commit-unknown', message: `The run has no commit ${at}; its last is ${history.length}.`, retryable: false, remedy: 'GET /v1/runs/<run>/events lists the commits.' });
}
