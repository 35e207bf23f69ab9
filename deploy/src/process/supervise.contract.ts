import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf } from '../../bootstrap/process-identity.mjs';
import { superviseProcess, type ProcessExit, type ProcessSettings, type SupervisedProcess } from './supervise.js';

/** Says that it is up, and ends with code 0 when asked to. */
const OBEDIENT = 'trap "exit 0" TERM; echo up; while :; do sleep 0.05; done';
const STUBBORN = 'trap "" TERM; echo up; while :; do sleep 0.05; done';

describe('a supervised process', () => {
  let folder: string;
  const running: SupervisedProcess[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-supervise-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.kill()));
    await rm(folder, { recursive: true });
  });

  function supervise(script: string, settings: Partial<ProcessSettings> = {}): SupervisedProcess {
    const logFile = join(folder, 'logs', `sample-${running.length}.log`);
    const handle = superviseProcess({ name: 'sample', command: '/bin/sh', args: ['-c', script], logFile, ready: async () => (await readFile(logFile, 'utf8')).includes('up'), ...settings });
    running.push(handle);
    return handle;
  }

  it('is ready when it says so, and its number is its own', async () => {
    const handle = supervise('echo "$$ up"; exec sleep 600');
    await handle.start();
    expect(handle.state).toBe('ready');
    expect(await readFile(handle.logFile, 'utf8')).toBe(`${handle.pid} up\n`);
    await expect(handle.start()).rejects.toMatchObject({ code: 'process.already_running' });
  });

  it('is gone when kill returns, and can be started again', async () => {
    const handle = supervise(STUBBORN);
    await handle.start();
    const { pid = 0 } = handle;
    await handle.kill();
    expect(identityOf(pid)).toBeUndefined();
    expect([handle.state, handle.pid, handle.lastExit]).toEqual(['stopped', undefined, { code: null, signal: 'SIGKILL' }]);
    await handle.start();
    expect(handle.pid).not.toBe(pid);
  });

  it('ends by itself when it is asked to stop, and is killed when it does not', async () => {
    const obedient = supervise(OBEDIENT);
    await obedient.start();
    expect(await obedient.stop()).toBe(true);
    expect(obedient.lastExit).toEqual({ code: 0, signal: null });
    const stubborn = supervise(STUBBORN);
    await stubborn.start();
    expect(await stubborn.stop(0.1)).toBe(false);
    expect(stubborn.lastExit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is told of when it ends unasked, and only then', async () => {
    const exits: ProcessExit[] = [];
    const handle = supervise(OBEDIENT, { onUnexpectedExit: (exit) => void exits.push(exit) });
    await handle.start();
    await handle.stop();
    await handle.start();
    await handle.kill();
    expect(exits).toEqual([]);
    await handle.start();
    process.kill(handle.pid ?? 0, 'SIGKILL');
    while (handle.pid !== undefined) await sleep(5);
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
    expect(handle.state).toBe('ended');
  });

  it('shows the end of its own output when it does not come up', async () => {
    const handle = supervise('echo "no such setting" >&2; exit 3');
    await expect(handle.start()).rejects.toMatchObject({ code: 'process.ended_early' });
    // The second time the log holds both starts.
    const error: unknown = await handle.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'process.ended_early', message: 'sample ended with code 3 before it was ready.\nno such setting' });
  });

  it('is ended when it is not ready in time', async () => {
    const handle = supervise('exec sleep 600', { readySeconds: 0.2 });
    await expect(handle.start()).rejects.toMatchObject({ code: 'process.not_ready' });
    expect(handle.pid).toBeUndefined();
  });

  it('leaves no record of itself when it has ended, and one while it runs', async () => {
    const handle = supervise(OBEDIENT);
    await handle.start();
    expect(JSON.parse(await readFile(join(folder, 'logs', 'sample-0.pid.json'), 'utf8'))).toEqual(identityOf(handle.pid ?? 0));
    await handle.stop();
    expect(await readdir(join(folder, 'logs'))).toEqual(['sample-0.log']);
  });
});

describe('when the parent is killed with SIGKILL', () => {
  it('its children die, and what they started', async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL('../../children/parent.fixture.mjs', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pids: number[] = [];
    for await (const line of createInterface(parent.stdout)) if (pids.push(Number(line)) === 2) break;
    const before = pids.map((pid) => identityOf(pid)?.pid);
    const gone = once(parent, 'exit');
    parent.kill('SIGKILL');
    await gone;
    // A child that lives for ever makes this run into the time-out of the specification.
    while (pids.some((pid) => identityOf(pid) !== undefined)) await sleep(10);
    expect([...before].sort()).toEqual([...pids].sort());
  });
});
