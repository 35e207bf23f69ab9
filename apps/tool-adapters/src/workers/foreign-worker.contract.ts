import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Bus } from '@holdfast/bus';
import type { ToolOutcome } from '@holdfast/contracts';
import { startTestBroker, type TestBroker } from '@holdfast/testing';
import { Ledger, ToolGuards, executeCall, readContracts, type ToolSet } from '@holdfast/tool-sdk';
import { workerTools } from '@holdfast/worker-tools';
import { BusEffectStore } from '../ledger/bus-effect-store.js';
import { busWorkers } from './bus-workers.js';

const source = fileURLToPath(new URL('../../../../examples/foreign-worker/', import.meta.url));

/** The example's worker in Go, as a process, behind the real broker's accounts, and the real ledger in front of it. */
describe('a worker in another language', () => {
  let broker: TestBroker;
  let bus: Bus;
  let folder: string;
  let binary: string;
  let set: ToolSet;
  const workers = new Set<ChildProcess>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-foreign-'));
    binary = join(folder, 'worker');
    const built = spawnSync('go', ['build', '-mod=readonly', '-o', binary, '.'], { cwd: source, encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`The worker cannot be built; Go is needed. ${built.error?.message ?? built.stderr}`);
    broker = await startTestBroker();
    bus = await Bus.connect({ url: broker.url, role: 'tools', seed: broker.seedOf('tools'), name: 'foreign-worker-contract' });
    set = workerTools(readContracts(join(source, 'contracts.yaml')), busWorkers(bus));
  });
  afterAll(async () => {
    await bus?.close();
    await broker?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Starts a worker, and again whenever it dies, as a cluster would. */
  const start = (): Promise<void> => new Promise((resolve, reject) => {
    const child = spawn(binary, { env: { NATS_URL: broker.url, HOLDFAST_NATS_SEED: broker.seedOf('worker'), WORKER_FOLDER: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
    workers.add(child);
    child.stdout?.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', (_code, signal) => {
      workers.delete(child);
      if (signal === 'SIGKILL' && !stopping) void start();
    });
  });
  let stopping = false;
  const stopAll = async (): Promise<void> => {
    stopping = true;
    await Promise.all([...workers].map((child) => new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill('SIGTERM');
    })));
  };
  beforeEach(async () => {
    stopping = false;
    await start();
  });
  afterEach(async () => {
    await stopAll();
    for (const file of ['entries', 'letters']) await rm(join(folder, file), { force: true });
  });

  const mishap = (name: string): void => writeFileSync(join(folder, name), '');
  const recorded = (file: string): number => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim().split('\n').length : 0);
  const call = (name: string, reference: string, callId = 'c1-1'): Promise<ToolOutcome> => {
    const tool = set.tools.find((one) => one.name === name);
    if (tool === undefined) throw new RangeError(name);
    const ledger = new Ledger({ store: new BusEffectStore(bus), owner: `worker-${callId}-${reference}` });
    return executeCall({ tool, args: { reference }, tenant: 'acme', runId: 'run-1', callId }, { ledger, guards: new ToolGuards() });
  };

  it('acts once for one operation, whoever asks', async () => {
    expect(await call('book_entry', 'i-1')).toMatchObject({ status: 'succeeded', result: { entry: 'i-1' }, replayed: false });
    expect(await call('book_entry', 'i-1', 'c1-2')).toMatchObject({ status: 'succeeded', result: { entry: 'i-1' }, replayed: true });
    expect(recorded('entries')).toBe(1);
  });

  it('that is killed between its effect and its answer has acted once, by its key', async () => {
    mishap('die');
    expect(await call('book_entry', 'i-2')).toMatchObject({ status: 'succeeded', result: { entry: 'i-2' } });
    expect(recorded('entries')).toBe(1);
  });

  it('that is killed there is asked whether it happened, where there is no key', async () => {
    mishap('die');
    expect(await call('post_letter', 'i-3')).toMatchObject({ status: 'succeeded', result: { entry: 'i-3' } });
    expect(recorded('letters')).toBe(1);
  });

  it('that is killed there leaves doubt, where it can neither be asked nor asked again', async () => {
    mishap('die');
    expect(await call('ring_bell', 'i-4')).toMatchObject({ status: 'in-doubt' });
    expect(recorded('entries')).toBe(1);
  });

  it.each([
    ['says that it is busy, is asked again', 'busy', { status: 'succeeded', result: { entry: 'i-busy' } }],
    ['answers nonsense, may have acted, and is asked again with the same key', 'nonsense', { status: 'succeeded', result: { entry: 'i-nonsense' } }],
    ['gives a result that violates the contract, has acted and is not asked again', 'untyped', { status: 'failed', failure: { code: 'tool.output-invalid', message: expect.stringContaining('"entry" must be string') } }],
  ])('that %s', async (_what, how, expected) => {
    mishap(how);
    expect(await call('book_entry', `i-${how}`)).toMatchObject(expected);
    expect(recorded('entries')).toBe(1);
  });

  it('may refuse, and its reason is told', async () => {
    expect(await call('book_entry', 'closed-6')).toMatchObject({ status: 'failed', failure: { code: 'ledger.closed', message: expect.stringContaining('closed-6'), retryable: false } });
  });

  it('that is not there is certainly not done, and named', async () => {
    await stopAll();
    expect(await call('ring_bell', 'i-7')).toMatchObject({ status: 'failed', failure: { code: 'worker.absent', message: expect.stringContaining('ring_bell'), remedy: expect.stringContaining('Start the worker') } });
  });
});
