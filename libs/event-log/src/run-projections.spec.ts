import { describe, expect, it } from '@jest/globals';
import type { Json, RecordedCommit, RunKey } from '@holdfast/contracts';
import { RunProjections } from './run-projections.js';
import { sizeOf } from './size-of.js';

const hashOf = (runId: string, number: number): string => (number === 0 ? '0' : `${runId}${number}`).padEnd(64, '0');
const commitOf = (runId: string, number: number, content: Json): RecordedCommit => ({ sequence: number, commit: { tenant: 'acme', runId, number, hash: hashOf(runId, number), previousHash: hashOf(runId, number - 1), events: [content] } }) as unknown as RecordedCommit;
const key = (runId: string): RunKey => ({ tenant: 'acme', runId });

/** Runs of two commits each, and how often each was read; a value is how many commits were folded into it. */
function projected(contents: Readonly<Record<string, Json>>, maximumBytes: number) {
  const reads: string[] = [];
  const log = {
    readAfter: async ({ runId }: RunKey, number: number) => {
      if (number === 0) reads.push(runId);
      return [1, 2].map((one) => commitOf(runId, one, contents[runId] ?? null)).slice(number);
    },
  };
  return { reads, runs: new RunProjections<number>(log, { initial: () => 0, fold: (folded) => folded + 1 }, maximumBytes) };
}

describe('runs that are folded and kept', () => {
  it('are kept as long as their commits fit into the memory that there is for them, the ones that were asked for last', async () => {
    const [small, large] = ['word', 'x'.repeat(10_000)];
    const { reads, runs } = projected({ a: small, b: large, c: large }, 2 * sizeOf(commitOf('b', 1, large).commit) + 4 * sizeOf(commitOf('a', 1, small).commit));
    for (const runId of ['a', 'b', 'a', 'b', 'a']) expect((await runs.latest(key(runId))).value).toBe(2);
    expect(reads).toEqual(['a', 'b']);

    await runs.latest(key('c'));
    expect((await runs.latest(key('a'))).value).toBe(2);
    expect((await runs.latest(key('b'))).value).toBe(2);
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
  });

  it('are folded all the same when one alone is more than may be kept', async () => {
    const { reads, runs } = projected({ a: 'x'.repeat(10_000) }, 1_000);
    for (let time = 0; time < 2; time += 1) expect((await runs.latest(key('a'))).value).toBe(2);
    expect(reads).toEqual(['a', 'a']);
  });
});
