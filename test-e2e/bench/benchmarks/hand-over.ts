import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from '@holdfast/bus';
import { subjects } from '@holdfast/contracts';
import { BusLeaseStore, Ownership } from '@holdfast/orchestrator/logic';
import { createLogger } from '@holdfast/observability';
import { z } from 'zod';
import { startBrokerOnly, type BrokerOnly } from '../installation/broker-only.ts';
import type { Benchmark, BenchmarkContext } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { median } from '../suite/statistics.ts';

const PARTITIONS = 8;
const ROUNDS = 4;
const ROUNDS_FULL = 10;
const LIMIT_MS = 10_000;

/** One orchestrator's part in the leases, on a connection of its own; it works on nothing. */
interface Member {
  readonly bus: Bus;
  readonly ownership: Ownership;
  readonly working: Set<number>;
}

/** A store that can be held up, as a process is that was stopped with SIGSTOP: connected, and silent. */
class HeldUpStore extends BusLeaseStore {
  heldUp = false;

  override async beat(member: string, leaving: boolean): Promise<void> {
    while (this.heldUp) await sleep(20);
    return super.beat(member, leaving);
  }
}

const SITUATIONS = {
  start: 'a second orchestrator starts: until both have their share',
  drain: 'one of two leaves: until the other has all',
  death: 'one of two is gone without a word: until the other has all',
  stop: 'one of two stands still and stays connected: until the other has all',
} as const;

/** How long partitions are without their proper owner when orchestrators come and go. */
export const handOver: Benchmark = {
  name: 'hand-over',
  about: 'time until partitions have changed hands at a start, a drain, a death and a standstill',
  limitSeconds: 240,
  async run(context) {
    const only = await startBrokerOnly(context, { partitions: PARTITIONS, durability: 'power' });
    const rounds = Math.max(1, Math.round((context.options.full ? ROUNDS_FULL : ROUNDS) * context.options.scale));
    const figures: Figure[] = [];
    for (const [name, title] of Object.entries(SITUATIONS) as [keyof typeof SITUATIONS, string][]) {
      context.progress(title);
      const times: number[] = [];
      for (let round = 0; round < rounds && !context.signal.aborted; round += 1) times.push(await measure(context, only, name));
      figures.push(
        { id: `${name}_max_ms`, title: `${title}, the slowest of ${rounds}`, value: Math.max(...times), unit: 'ms', target: { of: 'value', atMost: 3_000 } },
        { id: `${name}_p50_ms`, title: '  the median', value: median(times), unit: 'ms' },
      );
    }
    return figures;
  },
};

async function measure(context: BenchmarkContext, only: BrokerOnly, situation: keyof typeof SITUATIONS): Promise<number> {
  const stores: HeldUpStore[] = [];
  const join = async (): Promise<Member> => {
    const bus = await only.bus('orchestrator');
    const store = new HeldUpStore(bus);
    stores.push(store);
    const working = new Set<number>();
    const ownership = new Ownership({
      member: `member-${crypto.randomUUID().slice(0, 8)}`, partitions: PARTITIONS, store, monotonic: () => performance.now(), logger: createLogger({ service: 'bench', level: 'silent' }),
      onGained: (partition) => void working.add(partition),
      onLost: async (partition) => void working.delete(partition),
    });
    bus.serve(subjects.member(ownership.member), z.unknown(), async () => ({}));
    ownership.start();
    return { bus, ownership, working };
  };
  const first = await join();
  await until(context, () => first.working.size === PARTITIONS);
  let begun = performance.now();
  const second = await join();
  await until(context, () => first.working.size === PARTITIONS / 2 && second.working.size === PARTITIONS / 2);
  if (situation !== 'start') {
    // Not in step with anything.
    await sleep(500 + Math.random() * 400);
    begun = performance.now();
    if (situation === 'drain') void first.ownership.leave();
    if (situation === 'death') void first.bus.close(0);
    if (situation === 'stop') for (const store of stores.slice(0, 1)) store.heldUp = true;
    await until(context, () => second.working.size === PARTITIONS);
  }
  const took = performance.now() - begun;
  for (const store of stores) store.heldUp = false;
  await Promise.all([first, second].map(async ({ ownership, bus }) => {
    await ownership.leave();
    await bus.close(0);
  }));
  return took;
}

async function until(context: BenchmarkContext, holds: () => boolean): Promise<void> {
  for (const limit = performance.now() + LIMIT_MS; !holds() && !context.signal.aborted;) {
    if (performance.now() > limit) throw new Error('the partitions did not change hands');
    await sleep(5);
  }
}
