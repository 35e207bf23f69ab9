import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '@holdfast/tool-sdk';
import { underLock } from './lock.js';
import { RunTrees } from './trees.js';
import { workspaceTools } from './workspace-tools.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KEPT = 7 * DAY;

describe('the work trees of runs', () => {
  let folder: string;
  let repository: string;
  let now: number;
  let trees: RunTrees;

  const git = (...args: readonly string[]): string => execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { encoding: 'utf8' });
  const worker = async (): Promise<RunTrees> => {
    const started = new RunTrees({ repository, base: 'main', folder: join(folder, 'trees'), user: undefined, retentionMs: KEPT, now: () => now });
    await started.prepare();
    return started;
  };
  const run = (runId: string) => ({ tenant: 'acme', runId, log: silentLog });
  const place = (...parts: readonly string[]): string => join(folder, 'trees', ...parts);

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await sleep(20);
  };

  beforeEach(async () => {
    now = Date.now();
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-trees-')));
    chmodSync(folder, 0o755);
    repository = join(folder, 'repository');
    mkdirSync(repository);
    writeFileSync(join(repository, 'main.txt'), 'one\n');
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-q', '-m', 'base');
    trees = await worker();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are removed with their notes when no call came for as long as they are kept, and git forgets them', async () => {
    git('worktree', 'add', '-q', '--detach', join(folder, 'somebody-elses'));
    for (const name of ['old', 'recent']) {
      await trees.treeOf(run(name));
      await trees.note(run(name), 'key', 'a'.repeat(64));
    }
    now += KEPT - 1;
    await trees.sweep(silentLog);
    expect(existsSync(place('acme.old', 'main.txt'))).toBe(true);
    await trees.treeOf(run('recent'));

    now += 1;
    await trees.sweep(silentLog);
    expect(existsSync(place('acme.old'))).toBe(false);
    expect(await trees.noted(run('old'), 'key')).toBeUndefined();
    expect(readdirSync(place('ended'))).toEqual([]);
    expect(existsSync(place('acme.recent', 'main.txt'))).toBe(true);
    expect(await trees.noted(run('recent'), 'key')).toBe('a'.repeat(64));
    const known = git('worktree', 'list', '--porcelain');
    expect(known).not.toContain('acme.old');
    expect(known).toContain('acme.recent');
    expect(known).toContain('somebody-elses');
  });

  it('are not made anew for a run whose tree was removed, by no worker, so that no key acts again in a fresh one', async () => {
    await trees.treeOf(run('old'));
    now += KEPT;
    await trees.sweep(silentLog);
    for (const one of [trees, await worker()]) {
      await expect(one.treeOf(run('old'))).rejects.toMatchObject({ code: 'workspace.tree-removed', kind: 'refused', message: expect.stringContaining('168 hours') });
    }
    expect(existsSync(place('acme.old'))).toBe(false);
  });

  it('are kept while any worker uses them, however old they are', async () => {
    const other = await worker();
    await trees.treeOf(run('long'));
    for (let use = 0; use < 4; use += 1) {
      now += KEPT * 0.9;
      await other.treeOf(run('long'));
      await trees.sweep(silentLog);
    }
    expect(existsSync(place('acme.long', 'main.txt'))).toBe(true);
  });

  it('are kept when a call comes at the last moment, while another worker is about to remove them', async () => {
    await trees.treeOf(run('late'));
    now += KEPT;
    let swept: Promise<void> | undefined;
    await underLock(place('lock'), async () => {
      swept = trees.sweep(silentLog);
      await until(() => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').filter((line) => line.startsWith('flock') && line.includes(place('lock'))).length === 2);
      utimesSync(place('uses', 'acme.late'), now / 1_000, now / 1_000);
    });
    await swept;
    expect(existsSync(place('acme.late', 'main.txt'))).toBe(true);
    await trees.treeOf(run('late'));
  });

  it.each([
    ['ended it', [['uses', 'acme.old', 'removed']]],
    ['put it aside', [['uses', 'acme.old', 'removed'], ['.', 'acme.old', 'ended']]],
  ])('are removed to the end when a worker died once it had %s, whatever their commands did to them', async (_when, moves) => {
    await trees.treeOf(run('old'));
    await trees.note(run('old'), 'key', 'a'.repeat(64));
    mkdirSync(place('acme.old', 'closed', 'inner'), { recursive: true });
    chmodSync(place('acme.old', 'closed'), 0);
    writeFileSync(place('acme.old', '.git'), 'gitdir: /etc');
    for (const [from = '', name = '', to = ''] of moves) renameSync(place(from, name), place(to, name));
    await trees.sweep(silentLog);
    expect([existsSync(place('acme.old')), existsSync(place('notes', 'acme.old')), readdirSync(place('ended'))]).toEqual([false, false, []]);
    expect(git('worktree', 'list')).not.toContain('acme.old');
  });

  it('are swept when the tools start, and with the calls of a worker now and then', async () => {
    await trees.treeOf(run('old'));
    utimesSync(place('uses', 'acme.old'), (now - KEPT) / 1_000, (now - KEPT) / 1_000);
    await workspaceTools({ repository, base: 'main', folder: place() });
    await until(() => !existsSync(place('acme.old')));

    await trees.treeOf(run('older'));
    now += KEPT;
    await trees.treeOf(run('next'));
    await until(() => !existsSync(place('acme.older')));
  });

  it('cannot be kept for less than a call may take', async () => {
    await expect(workspaceTools({ repository, base: 'main', folder: place(), retentionMs: HOUR - 1 })).rejects.toMatchObject({ code: 'workspace.retention-invalid' });
    await expect(workspaceTools({ repository, base: 'main', folder: place(), retentionMs: HOUR, limits: { timeoutMs: HOUR } })).rejects.toMatchObject({ code: 'workspace.retention-invalid' });
  });
});
