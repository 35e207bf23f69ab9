import { HoldfastError, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { RunTail } from './port.js';

/** Reads one commit by its sequence. */
export type ReadAt = (sequence: number) => Promise<RecordedCommit | undefined>;

/** The run's whole history up to `head`, fetching only what comes after `known`. */
export async function readByPointers(key: RunKey, head: RecordedCommit, known: readonly RecordedCommit[], readAt: ReadAt): Promise<readonly RecordedCommit[]> {
  const last = known.at(-1);
  const floor = last?.commit.number ?? 0;
  if (head.commit.number <= floor) return known;
  const found = await readBack(key, head, floor, readAt);
  if (last !== undefined && found[0]?.commit.previousHash !== last.commit.hash) throw misplaced(key, floor);
  return [...known, ...found];
}

/** The commits after number `after`, up to `head`. */
export async function readAfterByPointers(key: RunKey, head: RecordedCommit | undefined, after: number, readAt: ReadAt): Promise<readonly RecordedCommit[]> {
  return head === undefined || head.commit.number <= after ? [] : readBack(key, head, after, readAt);
}

/** The run from its latest checkpoint up to `head`: two rounds of gets at a distance of 64 commits, however long it is. */
export async function readTailByPointers(key: RunKey, head: RecordedCommit | undefined, readAt: ReadAt): Promise<RunTail> {
  if (head === undefined) return { commits: [], head };
  const place = head.commit.checkpoint === undefined && head.commit.encryption?.checkpoint !== true ? head.commit.lastCheckpoint : { number: head.commit.number, sequence: head.sequence };
  if (place === undefined) return { commits: await readBack(key, head, 0, readAt), head };
  const [recorded, ...commits] = await readBack(key, head, place.number - 1, readAt);
  if (recorded?.sequence !== place.sequence) throw misplaced(key, place.number);
  if (recorded.commit.checkpoint === undefined) {
    // A run whose key is erased has no checkpoint that could be read, and folds from its beginning to nothing.
    if (recorded.commit.encryption?.checkpoint === true) return { commits: await readBack(key, head, 0, readAt), head };
    throw misplaced(key, place.number);
  }
  return { checkpoint: { number: place.number, state: recorded.commit.checkpoint, recorded }, commits, head };
}

/**
 * Reads a run backwards from its head down to the commit after number `floor`, and returns it in order. The head's
 * pointers name up to 32 commits, which are fetched at once, and the oldest of them names the next 32. The cost grows
 * with the distance and never with the stream. Every commit has to be the one that its successor was chained to.
 */
export async function readBack(key: RunKey, head: RecordedCommit, floor: number, readAt: ReadAt): Promise<readonly RecordedCommit[]> {
  const found: RecordedCommit[] = [head];
  let oldest = head;
  while (oldest.commit.number > floor + 1) {
    const wanted = oldest.commit.pointers.slice(0, oldest.commit.number - floor - 1);
    if (wanted.length === 0) throw misplaced(key, oldest.commit.number - 1);
    for (const recorded of await Promise.all(wanted.map(readAt))) {
      if (recorded === undefined || !isBefore(recorded, oldest)) throw misplaced(key, oldest.commit.number - 1);
      found.push(recorded);
      oldest = recorded;
    }
  }
  return found.reverse();
}

function isBefore({ commit: before }: RecordedCommit, { commit: after }: RecordedCommit): boolean {
  return before.tenant === after.tenant && before.runId === after.runId && before.number === after.number - 1 && before.hash === after.previousHash;
}

function misplaced(key: RunKey, number: number): HoldfastError {
  return new HoldfastError({ code: 'log.corrupt', message: `Commit ${number} of run ${key.tenant}/${key.runId} is not where its successors point.`, retryable: false, remedy: 'Quarantine the run and compare the log with a backup; other runs are not affected.' });
}
