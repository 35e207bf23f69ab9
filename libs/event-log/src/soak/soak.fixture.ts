/**
 * A service in small, in a process of its own with `--expose-gc`: for each line on standard input it appends, reads,
 * follows and loads for a round, collects garbage, and prints what its heap holds. Run by `soak.contract.ts`.
 */
import { createInterface } from 'node:readline';
import { Bus } from '@holdfast/bus';
import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import { CachedRunReader, JetStreamEventLog } from '../index.js';

const { BROKER_URL: url = '', WRITER_SEED = '', READER_SEED = '' } = process.env;
const PARTITIONS = 2;
const RUNS = 8;
const COMMITS = 40;

const writing = await Bus.connect({ url, role: 'orchestrator', seed: WRITER_SEED, name: 'soak-writer' });
const reading = await Bus.connect({ url, role: 'gateway', seed: READER_SEED, name: 'soak-reader' });
const log = new JetStreamEventLog(writing, PARTITIONS);
const reader = new JetStreamEventLog(reading, PARTITIONS);
const cached = new CachedRunReader(reader, RUNS * COMMITS);
let heard = 0;
reader.follow([], () => { heard += 1; });

/** Until it is done: while the broker is away an append may be called unavailable, and a read may fail. */
async function untilDone<T>(work: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const done = await work().catch(() => undefined);
    if (done !== undefined) return done;
  }
}

async function writeRun(key: RunKey): Promise<void> {
  let head: RecordedCommit | undefined;
  for (let number = 1; number <= COMMITS; number += 1) {
    head = await untilDone(async () => {
      const result = await log.append(key, { at: number, cause: { kind: 'test', id: `${number}` }, route: 'wait', events: [{ type: 'run-paused', by: 'ada', reason: 'x'.repeat(500) }], ...(number === 20 ? { checkpoint: { number } } : {}) }, head);
      return result.status === 'appended' ? result.recorded : undefined;
    });
  }
  await untilDone(async () => (await reader.readRun(key)).length === COMMITS || undefined);
  await untilDone(async () => (await reader.readTail(key)).head);
  await untilDone(async () => (await cached.read(key, COMMITS)).length === COMMITS || undefined);
}

async function round(number: number): Promise<void> {
  await Promise.all(Array.from({ length: RUNS }, (_, index) => writeRun({ tenant: 'acme', runId: `soak-${number}-${index}` })));
  const ends = await untilDone(() => Promise.all([0, 1].map(async (partition) => (await reader.lastStored(partition)) + 1)));
  for (let times = 0; times < 10; times += 1) {
    const subscription = reader.follow(ends, () => undefined);
    await subscription.caughtUp();
    subscription.stop();
  }
}

let rounds = 0;
for await (const _line of createInterface(process.stdin)) {
  await round((rounds += 1));
  for (let times = 0; times < 3; times += 1) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.stdout.write(`${JSON.stringify({ round: rounds, heapUsed: process.memoryUsage().heapUsed, heard })}\n`);
}
await Promise.all([writing.close(), reading.close()]);
