import type { CommitDraft } from '@holdfast/run';
import type { Digest, RecordedCommit, RunKey } from '@holdfast/contracts';

/** A draft as the orchestrator appends it: with the commit that its cause answered, where there was one. */
export interface AppendableDraft extends CommitDraft {
  readonly parent?: Digest;
}

/**
 * `appended`: the commit is durable (by this call or by an earlier, lost one). `lost`: another commit took its place;
 * `head` is the run's last commit. `unavailable`: it is certain neither way within the deadline, and the same append
 * may be tried again.
 */
export type AppendResult =
  | { readonly status: 'appended'; readonly recorded: RecordedCommit }
  | { readonly status: 'lost'; readonly head: RecordedCommit }
  | { readonly status: 'unavailable'; readonly reason: string };

/**
 * The log of all runs. One writer wins each place in a run's chain; everything else about the log follows from that.
 * Every method may throw `log.unavailable` (retryable) and, on reading, `log.corrupt` (not retryable, names the run).
 */
export interface EventLog {
  readonly partitions: number;
  /** Appends after `previous`, or begins the run when there is none. */
  append(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult>;
  /** The run's last commit. */
  head(key: RunKey): Promise<RecordedCommit | undefined>;
  /** The run's whole history in order, fetching only what comes after `known`. Empty when the run does not exist. */
  readRun(key: RunKey, known?: readonly RecordedCommit[]): Promise<readonly RecordedCommit[]>;
  /**
   * Up to `limit` commits of a partition from `sequence` on, of all runs, in the log's order. Fewer mean that the end has
   * been reached. A commit that cannot be read is left out, so that its run shows a gap and all other runs go on.
   */
  readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]>;
  /** Calls back for every commit of every partition from the given sequences on: in order, none left out. */
  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void): LogSubscription;
}

export interface LogSubscription {
  /** Resolves when everything that was in the log at the time of the call has been handled. */
  caughtUp(): Promise<void>;
  stop(): void;
}
