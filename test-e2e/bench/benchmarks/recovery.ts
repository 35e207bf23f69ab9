import { setTimeout as sleep } from 'node:timers/promises';
import { killAll, startAll } from '../installation/all-services.ts';
import { startInstallation } from '../installation/installation.ts';
import { beginEndless, watchMovement } from '../installation/movement.ts';
import { RunLoad } from '../installation/run-load.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { mean } from '../suite/statistics.ts';

const RUNS = 1_000;
const LIMIT_MS = 60_000;

/**
 * Every service is killed with SIGKILL at once, with 1,000 runs in flight, and started again. The clock runs from the
 * moment when the last of them is gone until the last of the 1,000 runs has a new commit. The bare floor is the time
 * that the same processes take to be ready with nothing to do.
 */
export const recovery: Benchmark = {
  name: 'recovery',
  about: '1,000 runs in flight, every service killed at once: time until all have moved on',
  limitSeconds: 150,
  async run(context) {
    const installation = await startInstallation(context);
    const { stack } = installation;
    context.defer(() => killAll(stack));
    const load = await RunLoad.start(installation);
    await load.one({ steps: 2 });
    context.progress('killing and starting every service with nothing to do');
    const bare: number[] = [];
    for (let time = 0; time < 2; time += 1) {
      await killAll(stack);
      bare.push(await startAll(stack));
      await sleep(500);
    }
    const count = Math.max(20, Math.round(RUNS * context.options.scale));
    context.progress(`beginning ${count} runs`);
    const runs = await beginEndless(load, count, context.signal);
    const undisturbed = await watchMovement(load, runs, () => true, performance.now(), LIMIT_MS);
    context.progress('SIGKILL to every service');
    await killAll(stack);
    const watching = watchMovement(load, runs, () => true, performance.now(), LIMIT_MS);
    const ready = await startAll(stack);
    context.progress(`all are ready after ${(ready / 1_000).toFixed(1)} s`);
    const { first, p50, all, stuck } = await watching;
    load.stop();
    return [
      { id: 'all_moved_ms', title: `until all ${count} runs have moved on${stuck === 0 ? '' : ` (${stuck} had not)`}`, value: all, unit: 'ms', floor: mean(bare), floorTitle: 'processes ready, nothing to do', target: { of: 'difference', atMost: 3_000 } },
      { id: 'half_moved_ms', title: 'until half of them have', value: p50, unit: 'ms' },
      { id: 'first_moved_ms', title: 'until the first has', value: first, unit: 'ms' },
      { id: 'ready_ms', title: 'until all services say that they are ready', value: ready, unit: 'ms', floor: mean(bare), floorTitle: 'nothing to do' },
      { id: 'undisturbed_ms', title: 'for comparison: until all have a new commit when nothing is killed', value: undisturbed.all, unit: 'ms' },
    ];
  },
};
