/** A history that no orchestrator of ours can have written. Its code tells operators to quarantine the run. */
export class HistoryError extends Error {
  readonly code = 'run.history-impossible';
}
