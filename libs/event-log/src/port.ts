import type { CommitDraft } from '@holdfast/run';
import type { DataKeyName, Digest, Json, RecordedCommit, RunKey } from '@holdfast/contracts';
import type { DataKeyPlace } from '@holdfast/data-keys';

/** A draft as the orchestrator appends it. */
export interface AppendableDraft extends CommitDraft {
  /** The commit that its cause answered, where there was one. */
  readonly parent?: Digest | undefined;
  /** The folded state after this commit, when later readers shall be able to begin here. */
  readonly checkpoint?: Json | undefined;
  /** What encrypts the run, of its first commit alone: all others are encrypted as the one before. */
  readonly dataKey?: DataKeyName | undefined;
}

/** What is needed to rebuild a run: its latest checkpoint and what came after. */
export interface RunTail {
  /** The latest checkpoint: the state after commit `number`, and the commit that carries it. Absent when there is none. */
  readonly checkpoint?: { readonly number: number; readonly state: Json; readonly recorded: RecordedCommit };
  /** The commits after the checkpoint in order, or all when there is none. */
  readonly commits: readonly RecordedCommit[];
  /** The run's last commit, to append after; undefined when the run does not exist. */
  readonly head: RecordedCommit | undefined;
}

/** A commit's message as the broker delivers it; a bus's stored and dispatched messages are of this shape. */
export interface CommitMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/**
 * `appended`: the commit is durable (by this call or by an earlier, lost one). `lost`: another commit, at sequence
 * `winner`, has its place; `head` is the run's last commit. `unavailable`: it is certain neither way within the deadline,
 * and the same append may be tried again; `code` is `log.unavailable`, `log.busy` (back-pressure), `log.refused` (by the
 * broker: permissions or a stream's settings) or `log.truncated` (the log lost commits; read the run again).
 */
export type AppendResult =
  | { readonly status: 'appended'; readonly recorded: RecordedCommit }
  | { readonly status: 'lost'; readonly head: RecordedCommit; readonly winner: number }
  | { readonly status: 'unavailable'; readonly code: string; readonly reason: string; readonly remedy: string };

/**
 * The log of all runs. One writer wins each place in a run's chain; everything else about the log follows from that.
 * With several replicas a read may be answered by one that is behind, so that the latest commits are missing from it; the
 * fence of `append` alone decides what the head is.
 * Every method may throw `log.unavailable` (retryable) and, on reading, `log.corrupt` (not retryable, names the run); for runs that are
 * encrypted, what a `KeyReader` throws as well. A run whose key is erased is read without what it says (`content-erased`), and appending to it
 * throws `log.content-erased` (not retryable).
 */
export interface EventLog {
  readonly partitions: number;
  /** Appends after `previous`, or begins the run when there is none. */
  append(key: RunKey, draft: AppendableDraft, previous: RecordedCommit | undefined): Promise<AppendResult>;
  /** The run's last commit, as a reader sees it: a replica may be a moment behind. */
  head(key: RunKey): Promise<RecordedCommit | undefined>;
  /** The sequence of the run's last commit as the fence knows it, which is never behind; 0 when there is none. For writers. */
  lastSequence(key: RunKey): Promise<number>;
  /** The run's whole history in order, fetching only what comes after `known`. Empty when the run does not exist. */
  readRun(key: RunKey, known?: readonly RecordedCommit[]): Promise<readonly RecordedCommit[]>;
  /** The run's commits after number `after`, in order, up to `head`; up to its last one when no head is given. */
  readAfter(key: RunKey, after: number, head?: RecordedCommit): Promise<readonly RecordedCommit[]>;
  /** The run from its latest checkpoint on, however long its history is. */
  readTail(key: RunKey): Promise<RunTail>;
  /** The commit in a message that was delivered by a consumer of the log. The message alone is enough. */
  decode(message: CommitMessage): Promise<RecordedCommit>;
  /**
   * Up to `limit` commits of a partition from `sequence` on, of all runs, in the log's order. Fewer mean that the end has
   * been reached. A commit that cannot be read is left out, so that its run shows a gap and all other runs go on.
   */
  readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]>;
  /** Calls back for every commit of every partition from the given sequences on: in order, none left out. */
  follow(from: readonly number[], handler: (recorded: RecordedCommit, partition: number) => void): LogSubscription;
  /** Calls back when something that was read may be erased: it has to be forgotten, and read again. Without a place, anything may be. */
  onErased(listener: (place?: DataKeyPlace) => void): () => void;
}

/** The log as it is stored, for whoever checks it: bytes, before anything is decoded. */
export interface StoredLog {
  readonly partitions: number;
  /** Up to `limit` messages of a partition from `sequence` on, of one run when a key is given. Fewer mean the end. */
  readStored(partition: number, sequence: number, limit: number, key?: RunKey): Promise<readonly CommitMessage[]>;
  /** The sequence of a partition's last message; 0 when it has none. */
  lastStored(partition: number): Promise<number>;
  /** A message of `PAYLOADS`: the content of a claim-checked commit or a part of it; undefined when it is not there. */
  readPayload(tenant: string, digest: Digest): Promise<Uint8Array | undefined>;
}

export interface LogSubscription {
  /** Resolves when everything that was in the log at the time of the call has been handled. */
  caughtUp(): Promise<void>;
  stop(): void;
}
