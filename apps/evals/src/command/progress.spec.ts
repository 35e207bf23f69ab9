import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseResult } from '../reporting/report.js';
import { Progress } from './progress.js';

const suite = { suite: 'recovery', digest: 'd1' };
const result = (name: string): CaseResult => ({ name, repeat: 1, passed: true, durationMs: 5, commits: 3, verdicts: [], kills: [], effects: {} });
let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'holdfast-progress-'))));
afterAll(() => rm(root, { recursive: true }));

describe('the progress of a suite', () => {
  it('is gone on with by whoever names the same suite, without the line that was cut off', async () => {
    const folder = join(root, 'broken-off');
    const first = await Progress.open(folder, suite, false);
    await first.add(result('a'));
    await first.add(result('b'));
    await appendFile(join(folder, 'progress.jsonl'), '{"name":"c","rep');

    const second = await Progress.open(folder, suite, true);
    expect(second.done).toEqual([result('a'), result('b')]);
    await second.add(result('c'));
    expect((await Progress.open(folder, suite, true)).done.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    await second.finish();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is begun anew unless going on is asked for', async () => {
    const folder = join(root, 'anew');
    await (await Progress.open(folder, suite, false)).add(result('a'));
    expect((await Progress.open(folder, suite, false)).done).toEqual([]);
  });

  it('is not mixed with that of another suite, of a changed one or of none', async () => {
    const folder = join(root, 'other');
    await expect(Progress.open(folder, suite, true)).rejects.toMatchObject({ code: 'suite.no-progress' });
    await Progress.open(folder, suite, false);
    await expect(Progress.open(folder, { ...suite, digest: 'd2' }, true)).rejects.toMatchObject({ code: 'suite.changed', message: expect.stringContaining('before it was changed') });
    await expect(Progress.open(folder, { suite: 'canary', digest: 'd3' }, true)).rejects.toMatchObject({ code: 'suite.changed', message: expect.stringContaining('"recovery"') });
  });
});
