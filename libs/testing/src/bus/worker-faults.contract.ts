import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import { Bench, gate, pause, plannerConsumer, until } from './bench.fixture.js';

/** Lets Node run the sources as they are: relative imports end in `.js` where the file ends in `.ts`. */
const sourceHook = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({ resolve: (specifier, context, next) => {
    try { return next(specifier, context); }
    catch (error) { if (!/^\\.{1,2}\\/.*\\.js$/.test(specifier)) throw error; return next(specifier.slice(0, -3) + '.ts', context); }
  } });`)}`;

describe('a worker, when something is killed or missing', () => {
  let bench: Bench;
  let writer: Bus;
  let planner: Bus;
  const children: ChildProcess[] = [];
  const rejections: unknown[] = [];
  const notice = (error: unknown): void => void rejections.push(error);
  beforeAll(async () => {
    process.on('unhandledRejection', notice);
    bench = await Bench.start();
  });
  beforeEach(async () => {
    [writer, planner] = await Promise.all([bench.bus('orchestrator'), bench.bus('planner')]);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await bench.closeBuses();
    expect(rejections).toEqual([]);
  });
  afterAll(async () => {
    await bench.stop();
    process.off('unhandledRejection', notice);
  });

  it('leaves its messages to another when its process is killed', async () => {
    const child = spawn(process.execPath, ['--no-warnings', '--experimental-transform-types', '--conditions=holdfast-source', '--import', sourceHook, fileURLToPath(new URL('./killed-worker.fixture.ts', import.meta.url))], {
      stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], BROKER_URL: bench.broker.url, BROKER_SEED: bench.broker.seedOf('planner') },
    });
    children.push(child);
    const taken: number[] = [];
    if (child.stdout === null) throw new Error('no output');
    createInterface(child.stdout).on('line', (line) => taken.push(Number(line)));
    const sequences = await bench.commits(writer, 5);
    await until(() => taken.length === 3);

    const handled = new Map<number, number>();
    planner.work({ consumer: plannerConsumer(), concurrency: 10, onError: notice, onMissing: notice, handle: async ({ sequence, deliveries }) => { handled.set(sequence, deliveries); return 'done'; } });
    await until(() => handled.size === 2);
    // As long as the process lives, it keeps what it has in hand.
    await pause(2 * plannerConsumer().ackWaitMs);
    expect(handled.size).toBe(2);

    child.kill('SIGKILL');
    await once(child, 'exit');
    await bench.settled();
    expect([...handled.keys()].sort((one, other) => one - other)).toEqual(sequences);
    expect(taken.map((sequence) => handled.get(sequence))).toEqual([2, 2, 2]);
  });

  it('handles all of two hundred messages over a kill of the broker, and acknowledges them', async () => {
    const handled = new Map<number, number>();
    const state = { inHand: 0, most: 0 };
    const missing: string[] = [];
    for (const bus of [planner, await bench.bus('planner')]) {
      bus.work({
        consumer: plannerConsumer(), concurrency: 5, onError: notice, onMissing: (description) => missing.push(description),
        handle: async ({ sequence }) => {
          state.inHand += 1;
          state.most = Math.max(state.most, state.inHand);
          await pause(20);
          state.inHand -= 1;
          handled.set(sequence, (handled.get(sequence) ?? 0) + 1);
          return 'done';
        },
      });
    }
    const sequences = await bench.commits(writer, 200);
    await until(() => handled.size > 50);
    await bench.broker.kill();
    const atKill = handled.size;
    await pause(300);
    await bench.broker.restart();
    await bench.settled();
    expect(atKill).toBeLessThan(150);
    expect([...handled.keys()].sort((one, other) => one - other)).toEqual(sequences);
    expect(state.most).toBeLessThanOrEqual(10);
    expect(missing).toEqual([]);
  });

  it('has never more than its concurrency in hand over restarts of the broker, and leaves no request behind', async () => {
    const held = gate();
    const state = { inHand: 0, most: 0 };
    planner.work({
      consumer: plannerConsumer(), concurrency: 4, onError: notice, onMissing: notice,
      handle: async () => {
        state.inHand += 1;
        state.most = Math.max(state.most, state.inHand);
        await held.opened;
        state.inHand -= 1;
        return 'done';
      },
    });
    for (let times = 0; times < 3; times += 1) {
      await bench.broker.kill();
      await bench.broker.restart();
      await until(() => planner.isReady());
    }
    await bench.reconnected();
    await until(async () => (await bench.consumer()).num_waiting === 1);
    await bench.commits(writer, 20);
    await until(() => state.inHand === 4);
    await pause(500);
    expect(state.most).toBe(4);
    held.open();
    await bench.settled();
  });

  it('tells once of a consumer that was deleted, and works on when the installer has made it again', async () => {
    const consumer = plannerConsumer();
    const handled: number[] = [];
    const missing: string[] = [];
    planner.work({ consumer, concurrency: 5, onError: notice, onMissing: (description) => missing.push(description), handle: async ({ sequence }) => { handled.push(sequence); return 'done'; } });
    await bench.commits(writer, 1);
    await until(() => handled.length > 0);
    await bench.deleteConsumer(consumer);
    await until(() => missing.length > 0);
    await pause(2_500);
    expect(missing).toEqual(['Consumer Deleted']);

    await bench.reinstall();
    const [sequence = 0] = await bench.commits(writer, 1);
    await until(() => handled.includes(sequence));
    await bench.settled();
    await bench.deleteConsumer(consumer);
    await until(() => missing.length === 2);
    await bench.reinstall();
    await until(async () => (await bench.consumer()).num_waiting > 0);
  });

  it('tells of a consumer that was never there', async () => {
    const missing: string[] = [];
    const consumer = plannerConsumer();
    await bench.deleteConsumer(consumer);
    planner.work({ consumer, concurrency: 5, onError: notice, onMissing: (description) => missing.push(description), handle: async () => 'done' });
    await until(() => missing.length > 0);
    await pause(1_000);
    expect(missing).toEqual(['No Responders']);
    await bench.reinstall();
    await bench.settled();
  });

  it('closes while the broker is away, and again', async () => {
    planner.work({ consumer: plannerConsumer(), concurrency: 5, onError: notice, onMissing: notice, handle: async () => 'done' });
    await bench.broker.kill();
    await until(async () => !(await planner.isReady()));
    await planner.close(500);
    await planner.close(500);
    expect(await planner.isReady()).toBe(false);
    await bench.broker.restart();
    await bench.reconnected();
  });

  it('forgets listeners for reconnects that were taken away', async () => {
    let calls = 0;
    const stops = Array.from({ length: 100 }, () => writer.onReconnect(() => { calls += 1; }));
    for (const stop of stops.slice(1)) stop();
    await bench.broker.kill();
    await bench.broker.restart();
    await until(() => calls > 0);
    expect(calls).toBe(1);
  });
});
