import type { RecordedCommit } from '@holdfast/contracts';

/** A quarter of what the broker takes in one message, so that there is room for everything else. */
const MOST_CHARACTERS = 256 * 1024;

/**
 * The last of these commits, as many as a message may carry beside other things. Handing commits on saves others a read of
 * the log; who misses one reads it, so leaving out is always allowed.
 */
export function handOn(commits: readonly RecordedCommit[]): RecordedCommit[] {
  let left = MOST_CHARACTERS;
  const first = commits.findLastIndex(({ commit }) => {
    left -= JSON.stringify(commit).length;
    return left < 0;
  });
  return commits.slice(first + 1);
}
