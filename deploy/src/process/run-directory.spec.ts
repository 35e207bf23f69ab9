import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf, type ProcessIdentity } from '../../bootstrap/process-identity.mjs';
import { createRunDirectory } from './run-directory.js';

/** More than the highest process number that Linux gives. */
const NOBODY = 4_194_999;

describe('a run’s folder', () => {
  let parent: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'holdfast-runs-'));
  });
  afterEach(() => rm(parent, { recursive: true }));

  const ourIdentity = (): ProcessIdentity => {
    const identity = identityOf(process.pid);
    if (identity === undefined) throw new Error('We do not run.');
    return identity;
  };
  async function leftover(name: string, files: Readonly<Record<string, unknown>>): Promise<string> {
    const path = join(parent, name);
    await mkdir(join(path, 'logs'), { recursive: true });
    for (const [file, content] of Object.entries(files)) await writeFile(join(path, file), JSON.stringify(content));
    return path;
  }

  it('is left alone by other runs while its process lives, and removed at its end', async () => {
    const first = await createRunDirectory(parent);
    const second = await createRunDirectory(parent);
    expect(second.leftovers).toEqual([]);
    expect((await readdir(parent)).length).toBe(2);
    await writeFile(join(await first.folder('logs'), 'a.log'), '');
    await first.remove();
    await second.remove();
    expect(await readdir(parent)).toEqual([]);
  });

  it('is removed by the next run when its process is dead, with the process that it left running', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const path = await leftover(`holdfast-run-${NOBODY}-ab`, { 'owner.json': { ...ourIdentity(), pid: NOBODY }, 'logs/service.pid.json': identityOf(child.pid ?? 0) });
    const run = await createRunDirectory(parent);
    expect(run.leftovers).toEqual([{ path, killed: [child.pid] }]);
    expect(await ended).toEqual([null, 'SIGKILL']);
    await run.remove();
    expect(await readdir(parent)).toEqual([]);
  });

  it('does not kill a process that got the number of one that it knew', async () => {
    await leftover(`holdfast-run-${NOBODY}-ab`, { 'owner.json': { ...ourIdentity(), pid: NOBODY }, 'logs/a.pid.json': { ...ourIdentity(), startTime: '1' }, 'logs/b.pid.json': { pid: process.pid }, 'logs/c.pid.json': { ...ourIdentity(), boot: 'earlier' } });
    const run = await createRunDirectory(parent);
    expect(run.leftovers).toEqual([expect.objectContaining({ killed: [] })]);
    await run.remove();
  });

  it('recognises a dead run by its start, though its number is in use again', async () => {
    await leftover(`holdfast-run-${process.pid}-ab`, { 'owner.json': { ...ourIdentity(), startTime: '1' } });
    const run = await createRunDirectory(parent);
    expect(run.leftovers).toHaveLength(1);
    await run.remove();
  });

  it('leaves folders of other names, links, and a run that is just being created', async () => {
    await mkdir(join(parent, 'holdfast-run-abc'));
    await symlink(join(parent, 'holdfast-run-abc'), join(parent, `holdfast-run-${NOBODY}-ab`));
    await mkdir(join(parent, `holdfast-run-${process.pid}-cd`));
    const run = await createRunDirectory(parent);
    expect(run.leftovers).toEqual([]);
    await run.remove();
  });
});
