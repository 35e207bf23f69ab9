import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sourceProgram, startTestBroker, type TestBroker } from '@holdfast/testing';

/** Rounds of one test run, each of 320 appends, 24 reads and 10 follows; a longer soak is asked for by the environment. */
const ROUNDS = Number(process.env['HOLDFAST_SOAK_ROUNDS'] ?? 12);
/** Rounds in which caches fill and code is compiled. */
const WARM_UP = 4;
/** The broker is killed and started again before every such round. */
const RESTART_EVERY = 4;

let broker: TestBroker;
let child: ChildProcess | undefined;

beforeAll(async () => {
  broker = await startTestBroker({ partitions: 2, monitor: true });
});

afterAll(async () => {
  child?.kill('SIGKILL');
  await broker.stop();
});

async function subscriptions(): Promise<Record<string, number>> {
  const { connections } = (await (await fetch(`${broker.monitorUrl}/connz`)).json()) as { connections: { name?: string; subscriptions: number }[] };
  return Object.fromEntries(connections.filter(({ name }) => name?.startsWith('soak')).map(({ name, subscriptions: count }) => [String(name), count]).sort());
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a process that appends, reads and follows over many rounds and reconnects', () => {
  it('keeps a flat heap and the same subscriptions', async () => {
    child = spawn(process.execPath, ['--expose-gc', ...sourceProgram(new URL('./soak.fixture.ts', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env['PATH'], BROKER_URL: broker.url, WRITER_SEED: broker.seedOf('orchestrator'), READER_SEED: broker.seedOf('gateway') },
    });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('the child has no pipes');
    const lines = createInterface(stdout)[Symbol.asyncIterator]();
    const heaps: number[] = [];
    const counts: Record<string, number>[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      stdin.write('go\n');
      // Killed while the child is in the middle of its work.
      if (round % RESTART_EVERY === 0) {
        await broker.kill();
        await broker.restart();
      }
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the child ended');
      heaps.push((JSON.parse(String(value)) as { heapUsed: number }).heapUsed);
      counts.push(await subscriptions());
    }
    stdin.end();

    const [early, late] = [mean(heaps.slice(WARM_UP, WARM_UP + 3)), mean(heaps.slice(-3))];
    process.stdout.write(`${JSON.stringify({ rounds: ROUNDS, earlyBytes: Math.round(early), lateBytes: Math.round(late), subscriptions: counts.at(-1) })}\n`);
    expect(late / early).toBeLessThan(1.3);
    expect(Object.keys(counts[0] ?? {})).toEqual(['soak-reader', 'soak-writer']);
    expect(counts).toEqual(counts.map(() => counts[0]));
  }, 60_000 + ROUNDS * 15_000);
});
