import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import type { Bus } from '@holdfast/bus';
import { ownerConsumers, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { armTimer } from '@holdfast/orchestrator/logic';
import { startBrokerOnly } from '../installation/broker-only.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { percentile } from '../suite/statistics.ts';

const TIMERS = 20_000;
const TIMERS_FULL = 100_000;
const PARTITIONS = 8;
/** So many fall due in a second, evenly. */
const DUE_PER_SECOND = 2_500;
const ARMED_AT_ONCE = 512;
/** Writers that append to the log meanwhile, one commit at a time each. */
const WRITERS = 16;

/**
 * How late timers are delivered, at 20,000 of them on one broker (100,000 with `--full`), while commits are appended at full speed: from the
 * instant that a timer is due until a worker of the orchestrator has it in hand.
 */
export const timers: Benchmark = {
  name: 'timers',
  about: 'lateness of 20,000 timers (100,000 with --full) that fall due while commits are appended',
  limitSeconds: 600,
  async run(context) {
    const count = Math.max(100, Math.round((context.options.full ? TIMERS_FULL : TIMERS) * context.options.scale));
    const spread = Math.max(2_000, (count / DUE_PER_SECOND) * 1_000);
    const only = await startBrokerOnly(context, { partitions: PARTITIONS, durability: 'power' });
    const bus = await only.bus('orchestrator');
    const floor = await appendFor(context.signal, bus, 3_000);
    const before = residentBytes(only.broker.pid);

    context.progress(`arming ${count} timers`);
    const begun = performance.now();
    const keyOf = (index: number): RunKey => ({ tenant: 'bench', runId: `timed-${index}` });
    // The first one may not be due before the last one is armed; the speed of arming is only known afterwards.
    const first = Date.now() + 10_000 + count * 0.6;
    const dueAt = (index: number): number => Math.round(first + (index * spread) / count);
    for (let from = 0; from < count && !context.signal.aborted; from += ARMED_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(ARMED_AT_ONCE, count - from) }, (_, offset) => armTimer(bus, PARTITIONS, keyOf(from + offset), 'deadline', dueAt(from + offset))));
    }
    const armSeconds = (performance.now() - begun) / 1_000;
    const perTimer = (residentBytes(only.broker.pid) - before) / count;
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
    for (let waited = 0; deliveries.size < count && waited < 30_000 && !context.signal.aborted; waited += 50) await sleep(50);
    const doubled = [...deliveries.values()].filter((times) => times > 1).length;
    return [
      { id: 'late_p50_ms', title: `lateness of ${count.toLocaleString('en')} timers, p50`, value: percentile(lateness, 0.5), unit: 'ms' },
      { id: 'late_p99_ms', title: 'lateness, p99', value: percentile(lateness, 0.99), unit: 'ms' },
      { id: 'late_max_ms', title: 'lateness, the worst', value: Math.max(...lateness), unit: 'ms', target: { of: 'value', atMost: 1_000 } },
      { id: 'early', title: 'delivered before their time', value: lateness.filter((late) => late < 0).length, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'lost', title: 'never delivered', value: count - deliveries.size, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'redelivered', title: 'delivered more than once', value: doubled, unit: '' },
      { id: 'armed_per_s', title: 'timers armed a second', value: count / armSeconds, unit: '/s' },
      { id: 'broker_bytes', title: 'memory of the broker for a pending timer', value: perTimer, unit: 'bytes' },
      { id: 'appends_pending_per_s', title: 'commits a second while all are pending', value: quiet, unit: '/s', floor, floorTitle: 'without timers' },
      { id: 'appends_firing_per_s', title: 'commits a second while they fire', value: firing, unit: '/s', floor, floorTitle: 'without timers' },
    ];
  },
};

let appended = 0;

/** Commits a second over so many milliseconds, each to a run of its own. */
async function appendFor(signal: AbortSignal, bus: Bus, milliseconds: number): Promise<number> {
  const payload = JSON.stringify({ text: 'x'.repeat(600) });
  const [begun, before] = [performance.now(), appended];
  await Promise.all(Array.from({ length: WRITERS }, async () => {
    while (performance.now() - begun < milliseconds && !signal.aborted) {
      const key = { tenant: 'bench', runId: `load-${(appended += 1)}` };
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
