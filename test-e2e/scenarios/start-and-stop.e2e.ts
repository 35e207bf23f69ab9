import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, SERVICES, entryPoint } from '@holdfast/deploy';
import { startInstallation } from './installation.fixture.js';

const demo = join(REPOSITORY, 'examples', 'accounts-payable', 'dist', 'demo.js');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(args: readonly string[], environment: NodeJS.ProcessEnv, onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
      onOutput(output, (signal) => child.kill(signal));
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => resolve({ code, output }));
  });
}

/** A temporary folder of the specification's own, so that whatever is found in it was left by the process under test. */
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-start-'));
  // Postgres runs as another user when we are root, and must be able to pass through.
  await chmod(folder, 0o711);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** What is left behind: files in the folder, and processes whose command line names it (Linux). */
async function leftovers(): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.startsWith('holdfast-'));
  const processes = await Promise.all((await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(async (pid) => ({ pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })));
  return [...files, ...processes.filter(({ command }) => command.includes(folder)).map(({ pid, command }) => `${pid} ${command}`)];
}

const own = (): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: folder });

describe('the demonstration', () => {
  it('keeps all its promises while everybody is killed, and leaves nothing behind', async () => {
    const { code, output } = await run([demo, '--seed', '7'], own());
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    expect(output).toContain('(duplicates: 0)');
    expect(output).not.toContain('BROKEN');
    expect(await leftovers()).toEqual([]);
  });

  it.each([['while it starts', 'starting services'], ['in the middle of its work', '5/30']])('interrupted %s ends with code 130 and leaves nothing behind', async (_when, sign) => {
    let interrupted = false;
    const { code, output } = await run([demo, '--seed', '8'], own(), (text, kill) => {
      if (interrupted || !text.includes(sign)) return;
      interrupted = true;
      kill('SIGINT');
    });
    expect({ code, interrupted: output.includes('interrupted') }).toEqual({ code: 130, interrupted: true });
    expect(await leftovers()).toEqual([]);
  });

  it('tells what is wrong with its arguments', async () => {
    const { code, output } = await run([demo, '--seed', 'x'], own());
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('--seed takes a whole number') });
  });
});

describe.each(SERVICES)('%s', (service) => {
  it('names every bad variable and ends with code 78', async () => {
    const { code, output } = await run([entryPoint(service)], { PATH: process.env['PATH'], NATS_URL: 'http://nowhere', PORT: 'many' });
    expect(code).toBe(78);
    expect(output).toContain('NATS_URL');
    expect(output).toContain('PORT');
    expect(output.split('\n').filter((line) => line !== '')).toHaveLength(1);
  });
});

describe('all services', () => {
  it('end by themselves with code 0 when they are asked to', async () => {
    const installation = await startInstallation({ services: SERVICES });
    const { services } = installation.stack;
    await installation.stop();
    expect(Object.fromEntries(Object.entries(services).map(([name, service]) => [name, service.lastExit]))).toEqual(Object.fromEntries(SERVICES.map((name) => [name, { code: 0, signal: null }])));
  });
});
