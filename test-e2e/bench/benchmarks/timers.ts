import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { Bus } from '@holdfast/bus';
import { ownerConsumers, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { armTimer } from '@holdfast/orchestrator/logic';
import { fill, type Filling } from '../floor/fill.ts';
import { schedule } from '../floor/schedule.ts';
import { startBrokerOnly } from '../installation/broker-only.ts';
import { TENANT } from '../installation/installation.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { percentile } from '../suite/statistics.ts';

/** Timers that are pending all the time and due much later. */
const PENDING = 20_000;
const PENDING_FULL = 100_000;
/** Timers that fall due. */
const TIMERS = 5_000;
const TIMERS_FULL = 30_000;
const PARTITIONS = 8;
/** So many fall due in a second, evenly: as many as there are steps, at the speed that services reach on two cores. */
const DUE_PER_SECOND = 500;
/** How long those that are late are waited for. */
const PATIENCE_MS = 30_000;
const ARMED_AT_ONCE = 512;
/** Writers that append to the log meanwhile, one commit at a time each. */
const WRITERS = 16;

/**
 * How late timers are delivered, with 20,000 more of them pending on one broker (100,000 with `--full`), while commits are
 * appended at full speed: from the instant that a timer is due until a worker of the orchestrator has it in hand.
 */
export const timers: Benchmark = {
  name: 'timers',
  about: 'lateness of timers while commits are appended, 20,000 more pending (100,000 with --full)',
  limitSeconds: 600,
  async run(context) {
    const { options: { full, scale } } = context;
    const pending = Math.round((full ? PENDING_FULL : PENDING) * scale);
    const count = Math.max(100, Math.round((full ? TIMERS_FULL : TIMERS) * scale));
    const spread = Math.max(1_000, (count / DUE_PER_SECOND) * 1_000);
    const only = await startBrokerOnly(context, { partitions: PARTITIONS, durability: 'power' });
    const bus = await only.bus('orchestrator');
    const floor = await appendFor(context.signal, bus, 3_000);
    const before = residentBytes(only.broker.pid);

    context.progress(`setting ${pending.toLocaleString('en')} timers that are due much later`);
    await fill(only.core, laterTimers(pending));
    const perTimer = (residentBytes(only.broker.pid) - before) / pending;
    context.progress(`arming ${count.toLocaleString('en')} that fall due`);
    const begun = performance.now();
    const keyOf = (index: number): RunKey => ({ tenant: TENANT, runId: `timed-${index}` });
    // The first one may not be due before the last one is armed; the speed of arming is only known afterwards.
    const first = Date.now() + 5_000 + count;
    const dueAt = (index: number): number => Math.round(first + (index * spread) / count);
    for (let from = 0; from < count && !context.signal.aborted; from += ARMED_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(ARMED_AT_ONCE, count - from) }, (_, offset) => armTimer(bus, PARTITIONS, keyOf(from + offset), 'deadline', dueAt(from + offset))));
    }
    const armSeconds = (performance.now() - begun) / 1_000;
    const quiet = await appendFor(context.signal, bus, 3_000);

    const lateness: number[] = [];
    const deliveries = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      bus.work({
        consumer: ownerConsumers(partition).timers, concurrency: 64, onError: () => undefined, onMissing: () => undefined,
        handle: async (message) => {
          const { dueAt: due } = JSON.parse(new TextDecoder().decode(message.data)) as { dueAt: number };
          if (message.deliveries === 1) lateness.push(Date.now() - due);
          deliveries.set(message.subject, (deliveries.get(message.subject) ?? 0) + 1);
          return 'done';
        },
      });
    }
    context.progress(`waiting until they have fired, while commits are appended`);
    await sleep(Math.max(0, first - Date.now()));
    const firing = await appendFor(context.signal, bus, spread);
    for (let waited = 0; deliveries.size < count && waited < PATIENCE_MS && !context.signal.aborted; waited += 50) await sleep(50);
    const doubled = [...deliveries.values()].filter((times) => times > 1).length;
    return [
      { id: 'late_p50_ms', title: `lateness of ${count.toLocaleString('en')} timers, ${DUE_PER_SECOND} due a second, p50`, value: percentile(lateness, 0.5), unit: 'ms' },
      { id: 'late_p99_ms', title: 'lateness, p99', value: percentile(lateness, 0.99), unit: 'ms' },
      { id: 'late_max_ms', title: 'lateness, the worst', value: Math.max(...lateness), unit: 'ms', target: { of: 'value', atMost: 1_000 } },
      { id: 'early', title: 'delivered before their time', value: lateness.filter((late) => late < 0).length, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'lost', title: `not delivered ${PATIENCE_MS / 1_000} s after the last was due`, value: count - deliveries.size, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'redelivered', title: 'delivered more than once', value: doubled, unit: '' },
      { id: 'armed_per_s', title: 'timers armed a second', value: count / armSeconds, unit: '/s' },
      { id: 'broker_bytes', title: 'memory of the broker for a pending timer', value: perTimer, unit: 'bytes' },
      { id: 'appends_pending_per_s', title: 'commits a second while all are pending', value: quiet, unit: '/s', floor, floorTitle: 'without timers' },
      { id: 'appends_firing_per_s', title: 'commits a second while they fire', value: firing, unit: '/s', floor, floorTitle: 'without timers' },
    ];
  },
};

function* laterTimers(count: number): Generator<Filling> {
  const at = Date.now() + 86_400_000;
  for (let number = 0; number < count; number += 1) {
    const key = { tenant: TENANT, runId: `later-${number}` };
    const partition = partitionOf(key, PARTITIONS);
    yield { subject: subjects.timerSet(partition, key, 'deadline'), payload: JSON.stringify({ timerId: 'deadline', dueAt: at }), headers: schedule(at + number, subjects.timerDue(partition, key, 'deadline')) };
  }
}

let appended = 0;

/** Commits a second over so many milliseconds, each to a run of its own. */
async function appendFor(signal: AbortSignal, bus: Bus, milliseconds: number): Promise<number> {
  const payload = JSON.stringify({ text: 'x'.repeat(600) });
  const [begun, before] = [performance.now(), appended];
  await Promise.all(Array.from({ length: WRITERS }, async () => {
    while (performance.now() - begun < milliseconds && !signal.aborted) {
      const key = { tenant: TENANT, runId: `load-${(appended += 1)}` };
      const partition = partitionOf(key, PARTITIONS);
      await bus.publish(subjects.commit(partition, key, 'wait'), payload, { expected: { sequence: 0, filter: subjects.run(partition, key) } });
    }
  }));
  return (appended - before) / ((performance.now() - begun) / 1_000);
}

/** Resident memory as Linux counts it; NaN elsewhere. */
function residentBytes(pid: number | undefined): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
  } catch {
    return Number.NaN;
  }
}
