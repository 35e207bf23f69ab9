import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY, freePort } from '@holdfast/deploy';
import { until } from './installation.fixture.js';

const PROGRAM = join(REPOSITORY, 'apps', 'cli', 'bin', 'holdfast.mjs');

let base: string;
let project: string;
let port: number;
const started = new Set<ChildProcess>();

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'holdfast-project-'));
  // Postgres runs as another user when we are root, and passes through.
  await chmod(base, 0o711);
  project = join(base, 'shop');
  port = await freePort();
});
afterAll(async () => {
  await Promise.all([...started].map((child) => end(child, 'SIGINT')));
  await rm(base, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const environment = (): NodeJS.ProcessEnv => {
  const { HOLDFAST_GATEWAY_URL: _url, HOLDFAST_API_KEY: _key, NATS_URL: _broker, ...rest } = process.env;
  return { ...rest, PATH: [join(project, 'node_modules', '.bin'), rest['PATH'] ?? ''].join(delimiter) };
};

/** One command, as a person gives it in the project's folder. */
function command(program: string, args: readonly string[], cwd = project, more: NodeJS.ProcessEnv = {}): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env: { ...environment(), ...more } }, (_, out, err) => resolve({ code: child.exitCode, out, err }));
  });
}
const holdfast = (...args: readonly string[]): Promise<Said> => command(process.execPath, [PROGRAM, ...args]);

/** `holdfast up` or `dev`, when it serves; `said` goes on to grow. */
async function serve(name: 'up' | 'dev'): Promise<{ readonly child: ChildProcess; readonly said: () => string }> {
  const child = spawn(process.execPath, [PROGRAM, name, '--port', String(port)], { cwd: project, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  started.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  await until(`"holdfast ${name}" to serve`, async () => {
    if (child.exitCode !== null) throw new Error(`it ended: ${text}`);
    return text.includes('Everything serves') ? true : undefined;
  });
  return { child, said: () => text };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  started.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  child.kill(signal);
  return ended;
}

const refund = (order: string, ...more: readonly string[]): Promise<Said> => holdfast('run', 'com.example.refund.requested', `Refund order ${order}.`, '--json', ...more);

describe('a project on one machine', () => {
  it('is made by init, passes its own test, and is never written over', async () => {
    expect(await holdfastIn(base, 'init', 'shop')).toMatchObject({ code: 0, out: expect.stringContaining('npx holdfast dev') });
    expect(await command(process.execPath, ['--test'])).toMatchObject({ code: 0, out: expect.stringContaining('pass 2') });
    const before = await readFile(join(project, 'agents.yaml'), 'utf8');
    expect(await holdfastIn(base, 'init', 'shop', '--json')).toMatchObject({ code: 1, err: expect.stringContaining('"init.folder-used"') });
    expect(await readFile(join(project, 'agents.yaml'), 'utf8')).toBe(before);
  });

  it('runs tasks, goes on after SIGKILL with the same data, and stops on Ctrl-C', async () => {
    const first = await serve('up');
    const done = await refund('ORD-1001', '--wait');
    expect({ code: done.code, said: JSON.parse(done.out) }).toMatchObject({ code: 0, said: { status: 'completed', answer: 'Order ORD-1001 was refunded.' } });

    // One that waits for a person, when everything dies.
    const { runId } = JSON.parse((await refund('ORD-1002')).out) as { readonly runId: string };
    const approvalId = await until('the question', async () => (JSON.parse((await holdfast('approvals', '--json')).out) as { approvals: { runId: string; approvalId: string }[] }).approvals.find((one) => one.runId === runId)?.approvalId);
    expect(await command(process.execPath, [PROGRAM, 'up', '--port', String(await freePort()), '--json'])).toMatchObject({ code: 1, err: expect.stringContaining('"stack.runs-already"') });
    await end(first.child, 'SIGKILL');
    expect(await holdfast('show', runId, '--json')).toMatchObject({ code: 3, err: expect.stringContaining('"cli.gateway-unreachable"') });

    const second = await serve('up');
    expect(await holdfast('approve', runId, approvalId, '--comment', 'Looked at it.')).toMatchObject({ code: 0 });
    await until('its end', async () => (JSON.parse((await holdfast('show', runId, '--json')).out) as { status: string }).status === 'completed' ? true : undefined);
    expect((await readdir(join(project, 'shop', 'refunds'))).sort()).toEqual(['ORD-1001.json', 'ORD-1002.json']);
    expect(await command(process.execPath, [PROGRAM, 'ls', '--json'], project, { HOLDFAST_GATEWAY_URL: `http://127.0.0.1:${port}`, HOLDFAST_API_KEY: 'hf_wrong' })).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^\{"code":"auth\.[a-z-]+"/) });

    expect(await end(second.child, 'SIGINT')).toBe(0);
  });

  it('takes what changes and is right, and tells what is wrong', async () => {
    const { child, said } = await serve('dev');
    await edit('policies/refunds.cedar', '> 10000', '> 1000');
    await until('the policies to be told', async () => /policies are right/.test(said()) || undefined);
    await until('a small refund to be asked about', async () => {
      const asked = JSON.parse((await refund('ORD-1001')).out) as { readonly runId: string };
      return until('what becomes of it', async () => ({ waiting: true, completed: false, running: undefined })[(JSON.parse((await holdfast('show', asked.runId, '--json')).out) as { status: 'waiting' | 'completed' | 'running' }).status]).then((waits) => waits || undefined);
    });
    await edit('agents.yaml', 'maxSteps: 8', 'maxSteps: eight');
    await until('the fault to be told', async () => /NOT TAKEN \(agents\.invalid\).*line 10/.test(said()) || undefined);
    await edit('agents.yaml', 'maxSteps: eight', 'maxSteps: 9');
    const [, digest = ''] = await until('the new version', async () => /version ([0-9a-f]{12}) gets new tasks/.exec(said()) ?? undefined);
    const [agent] = (JSON.parse((await holdfast('agents', '--json')).out) as { agents: { versions: { digest: string; percent: number }[] }[] }).agents;
    expect(agent?.versions.find((version) => version.digest.startsWith(digest))?.percent).toBe(100);
    expect(await end(child, 'SIGINT')).toBe(0);
  });
});

async function edit(file: string, from: string, to: string): Promise<void> {
  const path = join(project, file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

const holdfastIn = (cwd: string, ...args: readonly string[]): Promise<Said> => command(process.execPath, [PROGRAM, ...args], cwd);
