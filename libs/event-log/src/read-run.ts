import { HoldfastError, type RecordedCommit, type RunKey } from '@holdfast/contracts';

/** Reads one commit by its sequence. */
export type ReadAt = (sequence: number) => Promise<RecordedCommit | undefined>;

/**
 * Reads a run backwards from its head: the head's pointers name up to 32 commits, which are fetched at once, and the
 * oldest of them names the next 32. The cost grows with the run and never with the stream.
 */
export async function readByPointers(key: RunKey, head: RecordedCommit, known: readonly RecordedCommit[], readAt: ReadAt): Promise<readonly RecordedCommit[]> {
  const last = known.at(-1);
  const floor = last?.commit.number ?? 0;
  if (head.commit.number <= floor) return known;
  const found: RecordedCommit[] = [head];
  let oldest = head;
  while (oldest.commit.number > floor + 1) {
    const wanted = oldest.commit.pointers.slice(0, oldest.commit.number - floor - 1);
    if (wanted.length === 0) throw missing(key, oldest.commit.number - 1);
    const batch = await Promise.all(wanted.map(readAt));
    for (const [index, recorded] of batch.entries()) {
      const number = oldest.commit.number - index - 1;
      if (recorded?.commit.runId !== key.runId || recorded.commit.tenant !== key.tenant || recorded.commit.number !== number) throw missing(key, number);
      found.push(recorded);
    }
    oldest = found.at(-1) ?? oldest;
  }
  if (last !== undefined && oldest.commit.previousHash !== last.commit.hash) throw missing(key, floor);
  return [...known, ...found.reverse()];
}

function missing(key: RunKey, number: number): HoldfastError {
  return new HoldfastError({ code: 'log.corrupt', message: `Commit ${number} of run ${key.tenant}/${key.runId} is not where its successors point.`, retryable: false, remedy: 'Quarantine the run and compare the log with a backup; other runs are not affected.' });
}
