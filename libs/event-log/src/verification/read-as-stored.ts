import { HoldfastError, partitionOf, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { EventLog, StoredLog } from '../port.js';

const PAGE = 256;

/** A message of a run that holds no commit that could be read. */
export interface UnreadableCommit {
  readonly sequence: number;
  /** How many commits of the run stand before it. */
  readonly after: number;
  readonly problem: string;
}

/** Whatever of a run is there, in the stream's order. */
export interface StoredRun {
  readonly key: RunKey;
  readonly commits: readonly RecordedCommit[];
  readonly unreadable: readonly UnreadableCommit[];
}

/**
 * A run as it lies in the stream, for whoever looks at a broken one: it is found by its subject and not by its pointers, and what
 * cannot be read is named and left out. Nothing of it is checked. Throws what is retryable, such as `log.unavailable`.
 */
export async function readAsStored(log: EventLog & StoredLog, key: RunKey): Promise<StoredRun> {
  const partition = partitionOf(key, log.partitions);
  const commits: RecordedCommit[] = [];
  const unreadable: UnreadableCommit[] = [];
  for (let next = 1; ;) {
    const messages = await log.readStored(partition, next, PAGE, key);
    for (const message of messages) {
      try {
        commits.push(await log.decode(message));
      } catch (error) {
        if (!(error instanceof HoldfastError) || error.retryable) throw error;
        unreadable.push({ sequence: message.sequence, after: commits.length, problem: error.message });
      }
    }
    const last = messages.at(-1);
    if (last === undefined || messages.length < PAGE) return { key, commits, unreadable };
    next = last.sequence + 1;
  }
}
