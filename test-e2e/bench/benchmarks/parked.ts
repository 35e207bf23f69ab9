import { setTimeout as sleep } from 'node:timers/promises';
import { logStream } from '@holdfast/contracts';
import { drainConsumers } from '../floor/drain.ts';
import { killAll, startAll } from '../installation/all-services.ts';
import { heapBytes } from '../installation/inspector.ts';
import { startInstallation, type Installation } from '../installation/installation.ts';
import { residentBytes, type ByProcess } from '../installation/processor-time.ts';
import { RunLoad } from '../installation/run-load.ts';
import { countStreams } from '../installation/stream-counts.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { fill } from '../floor/fill.ts';
import { gatewayAnswers } from './parked/gateway-lists.ts';
import { parkedRuns } from './parked/parked-runs.ts';

const PARKED = 100_000;
/** Runs that are parked by the services themselves. */
const PARKED_LIVE = 1_000;
const SETTLE_MS = 2_000;

/**
 * Memory of runs that wait for a person, each with an approval and two timers. First a thousand are parked by the
 * services themselves, whose heaps are compared after a full collection; then 100,000 are written into the log, the
 * services' consumers are brought up to date, and broker and services are started anew in front of them.
 */
export const parked: Benchmark = {
  name: 'parked',
  about: 'memory of 100,000 runs that wait for a person, in the broker and in each service',
  limitSeconds: 240,
  async run(context) {
    const { options: { scale } } = context;
    // Memory does not depend on fsync, and so many commits would take minutes with it.
    const installation = await startInstallation(context, { durability: 'process' });
    const { stack, core } = installation;
    context.defer(() => killAll(stack));
    const load = await RunLoad.start(installation);
    context.progress('warming up');
    await warmUp(load, scale);
    const fresh = { ready: await restartServices(installation), resident: {} as ByProcess, heap: {} as ByProcess };
    await warmUp(load, scale);
    await sleep(SETTLE_MS * scale);
    Object.assign(fresh, { resident: residentBytes(stack), heap: await heapBytes(stack) });

    const live = Math.max(10, Math.round(PARKED_LIVE * scale));
    context.progress(`parking ${live} runs through the services`);
    await parkThroughServices(load, live, context.signal);
    await sleep(SETTLE_MS * scale);
    const afterLive = await heapBytes(stack);

    const count = Math.max(100, Math.round(PARKED * scale));
    await killAll(stack);
    context.progress(`writing ${count.toLocaleString('en')} parked runs into the log`);
    const before = await countStreams(core);
    await fill(core, parkedRuns(count, stack.partitions, before));
    const after = await countStreams(core);
    const stored = (streams: typeof after, prefix: string): number => streams.filter(({ name }) => name.startsWith(prefix)).reduce((sum, { messages }) => sum + messages, 0);
    if (stored(after, 'LOG-') - stored(before, 'LOG-') !== 2 * count) throw new Error('not every commit of the parked runs was stored');
    context.progress('bringing the consumers up to date, as if the work had been done');
    for (let partition = 0; partition < stack.partitions; partition += 1) await drainConsumers(core, logStream(partition));
    const filled = residentBytes(stack);
    context.progress('starting broker and services in front of them');
    await stack.start('broker');
    let failed = 0;
    const ready = await startAll(stack, (name) => {
      failed += 1;
      context.progress(`${name} does not become ready`);
    });
    // The gateway reads the log for its lists when it is ready; its heap is compared when it has done so.
    const { oneRunMs, listsMs } = await gatewayAnswers(stack, 'parked-0', context.signal);
    if (failed === 0) await warmUp(load, scale);
    await sleep(SETTLE_MS * scale);
    const resident = residentBytes(stack);
    const heap = await heapBytes(stack);
    load.stop();
    const each = (bytes: number | undefined, base: number | undefined, runs: number): number => ((bytes ?? 0) - (base ?? 0)) / runs;
    const figures: Figure[] = [
      { id: 'broker_bytes_per_run', title: `broker: resident bytes a parked run, ${count.toLocaleString('en')} of them, after its restart`, value: each(resident['broker'], fresh.resident['broker'], count), unit: 'B' },
      { id: 'broker_bytes_per_run_filled', title: '  before its restart, with what it has in its caches', value: each(filled['broker'], fresh.resident['broker'], count), unit: 'B' },
      { id: 'log_bytes_per_run', title: '  for comparison: bytes of its two commits and two timers in the streams', value: (total(after) - total(before)) / count, unit: 'B' },
      { id: 'services_not_ready', title: 'services that do not become ready in front of them', value: failed, unit: '', target: { of: 'value', atMost: 0 } },
      { id: 'services_ready_ms', title: 'services ready in front of them', value: ready, unit: 'ms', floor: fresh.ready, floorTitle: 'log of some runs' },
      { id: 'gateway_one_run_ms', title: 'gateway: one of them, asked for by its id as soon as it is ready', value: oneRunMs, unit: 'ms' },
      { id: 'gateway_lists_ms', title: 'gateway: until it has read the log and answers lists', value: listsMs, unit: 'ms' },
    ];
    for (const name of Object.keys(heap)) {
      const id = name.replace('-', '_');
      figures.push(
        { id: `${id}_heap_bytes_per_run`, title: `${name}: heap bytes a run, ${count.toLocaleString('en')} found at its start`, value: each(heap[name], fresh.heap[name], count), unit: 'B', target: { of: 'value', atMost: 10 } },
        { id: `${id}_heap_bytes_per_run_live`, title: `  ${live} parked by itself`, value: each(afterLive[name], fresh.heap[name], live), unit: 'B' },
      );
    }
    return figures;
  },
};

const total = (streams: readonly { readonly bytes: number }[]): number => streams.reduce((sum, { bytes }) => sum + bytes, 0);

async function warmUp(load: RunLoad, scale: number): Promise<void> {
  await Promise.all(Array.from({ length: Math.ceil(100 * scale) }, () => load.one({ steps: 3 })));
}

async function restartServices(installation: Installation): Promise<number> {
  await killAll(installation.stack);
  return startAll(installation.stack);
}

async function parkThroughServices(load: RunLoad, count: number, signal: AbortSignal): Promise<void> {
  let waiting = 0;
  const forget = load.onCommit(({ route }) => {
    if (route === 'wait') waiting += 1;
  });
  for (let run = 0; run < count; run += 1) load.begin({ steps: 1, tool: 'hold' });
  while (waiting < count && !signal.aborted) await sleep(50);
  forget();
}
