import { describe, expect, it } from '@jest/globals';
import type { RecordedCommit } from '@holdfast/contracts';
import { TroubledLog, key, orchestrator, plan, task, tool } from './processor.fixture.js';
import { handOn } from './hand-on.js';

const larger = (recorded: RecordedCommit | undefined, characters: number): RecordedCommit => {
  if (recorded === undefined) throw new Error('no commit');
  return { ...recorded, commit: { ...recorded.commit, cause: { kind: 'x', id: 'x'.repeat(characters) } } };
};

describe('commits that are handed on', () => {
  it('are all of them where a message can carry them, else the last ones that fit', async () => {
    const log = new TroubledLog();
    await orchestrator(log).processAll(task, plan(1, ['pay']), tool('c1-1'));
    const commits = await log.readRun(key);
    const [first, second, third] = commits;

    expect(handOn(commits)).toEqual(commits);
    expect(handOn([larger(first, 300_000), ...commits.slice(1)])).toEqual([second, third]);
    expect(handOn([first, larger(second, 300_000), third].flatMap((recorded) => recorded ?? []))).toEqual([third]);
    expect(handOn([larger(first, 300_000)])).toEqual([]);
  });
});
