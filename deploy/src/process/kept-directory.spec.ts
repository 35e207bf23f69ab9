import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../../bootstrap/process-identity.mjs';
import { withKeptDirectory } from './kept-directory.js';
import { keptFile } from './kept-file.js';

let base: string;
beforeEach(async () => { base = await mkdtemp(join(tmpdir(), 'holdfast-kept-')); });
afterEach(() => rm(base, { recursive: true }));

describe('a folder that is kept', () => {
  it('is of one start at a time, and of the next when that has ended', async () => {
    const folder = join(base, 'data');
    await withKeptDirectory(folder, async (directory) => {
      await writeFile(join(directory.path, 'log'), 'x');
      await expect(withKeptDirectory(folder, () => Promise.resolve())).rejects.toMatchObject({ code: 'stack.runs-already', message: expect.stringContaining(`process ${process.pid}`) });
    });
    expect(await withKeptDirectory(folder, () => Promise.resolve(existsSync(join(folder, 'log'))))).toBe(true);
  });

  it('is let go when the start fails', async () => {
    await expect(withKeptDirectory(base, () => Promise.reject(new Error('no broker')))).rejects.toThrow('no broker');
    expect(await withKeptDirectory(base, () => Promise.resolve('again'))).toBe('again');
  });

  it('is taken over from a start that was killed, with what that left running', async () => {
    const left = spawn('sleep', ['600'], { stdio: 'ignore' });
    const gone = new Promise((resolve) => left.once('exit', (_, signal) => resolve(signal)));
    await mkdir(join(base, 'logs'));
    await writeFile(join(base, 'logs', 'gateway.pid.json'), JSON.stringify(identityOf(left.pid ?? 0)));
    await writeFile(join(base, 'running.lock'), JSON.stringify({ ...identityOf(process.pid), startTime: '1' }));

    expect(await withKeptDirectory(base, ({ leftovers }) => Promise.resolve(leftovers))).toEqual([{ path: expect.any(String), killed: [left.pid] }]);
    expect(await gone).toBe('SIGKILL');
  });
});

describe('a secret that is kept', () => {
  it('is made once, and is for its owner alone', async () => {
    const file = join(base, 'key');
    expect([await keptFile(file, () => 'first'), await keptFile(file, () => 'second')]).toEqual(['first', 'first']);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });
});
