import type { RecordedCommit } from '@holdfast/contracts';
import { sizeOf } from '@holdfast/event-log';

/** A quarter of what the broker takes in one message, so that there is room for everything else. */
const MOST_BYTES = 256 * 1024;

/** A commit never changes, so it is measured once, however often it is looked at. */
const sizes = new WeakMap<RecordedCommit, number>();

export function sizeOfCommit(recorded: RecordedCommit): number {
  const known = sizes.get(recorded);
  if (known !== undefined) return known;
  const bytes = sizeOf(recorded);
  sizes.set(recorded, bytes);
  return bytes;
}

/**
 * The last of these commits, as many as a message may carry beside other things. Handing commits on saves others a read of
 * the log; who misses one reads it, so leaving out is always allowed.
 */
export function handOn(commits: readonly RecordedCommit[]): RecordedCommit[] {
  let left = MOST_BYTES;
  const first = commits.findLastIndex((recorded) => {
    left -= sizeOfCommit(recorded);
    return left < 0;
  });
  return commits.slice(first + 1);
}
