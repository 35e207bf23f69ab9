import { setTimeout as sleep } from 'node:timers/promises';
import { createBareStreams } from '../floor/bare-streams.ts';
import { measureHops } from '../floor/hops.ts';
import { startInstallation, type Installation } from '../installation/installation.ts';
import { measureLoad } from '../installation/measure-load.ts';
import { RunLoad } from '../installation/run-load.ts';
import { startWorld } from '../installation/world.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { percentile, sum } from '../suite/statistics.ts';
import { measureKilledLoad } from './agent-loop/killed-load.ts';

const RUNS_ALONE = 30;

/**
 * The loop that other runtimes were measured on: runs of a few steps, one step being a decision of an instant model and
 * an instant tool's call under a ledger claim. First alone, then many at once, then under the same load with services
 * and the broker killed, where a world of its own process counts what was done to it.
 */
export const agentLoop: Benchmark = {
  name: 'agent-loop',
  about: 'ms a step alone, steps a second, and calls doubled by kills under load',
  limitSeconds: 240,
  async run(context) {
    const { options: { concurrency, steps, seconds, scale } } = context;
    const world = await startWorld(context);
    const installation = await startInstallation(context, { environment: { BENCH_WORLD_URL: world.url } });
    const load = await RunLoad.start(installation);
    context.progress('warming up');
    const enough = new AbortController();
    const warm = load.keep(Math.min(32, concurrency), { steps }, enough.signal);
    await sleep(3_000 * scale);
    enough.abort();
    await warm;
    context.progress(`runs of ${steps} steps, one after another`);
    const floor = await floorOfStep(installation, scale);
    const alone: number[] = [];
    for (let run = 0; run < Math.max(3, RUNS_ALONE * scale) && !context.signal.aborted; run += 1) alone.push((await load.one({ steps })) / steps);
    context.progress(`${concurrency} runs at once for ${seconds} s`);
    const measured = await measureLoad(installation, load, { concurrency, wish: { steps }, seconds });
    const figures: Figure[] = [
      { id: 'step_ms_p50', title: 'a step alone, p50', value: percentile(alone, 0.5), unit: 'ms', floor, floorTitle: '2 bare hops and 2 publishes', target: { of: 'value', atMost: 2.3 } },
      { id: 'step_ms_p99', title: `a step alone, p99 of ${alone.length} runs`, value: percentile(alone, 0.99), unit: 'ms' },
      { id: 'steps_per_second', title: `steps a second, ${concurrency} runs of ${steps} steps`, value: measured.steps / measured.seconds, unit: '/s', target: { of: 'value', atLeast: 1_700 } },
      { id: 'processor_ms_per_step', title: 'processor time a step, all processes', value: sum(Object.values(measured.processorMs)), unit: 'ms' },
    ];
    context.progress(`${concurrency} runs at once, with kills`);
    figures.push(...(await measureKilledLoad(context, installation, load, world)));
    load.stop();
    return figures;
  },
};

async function floorOfStep(installation: Installation, scale: number): Promise<number> {
  const bare = await createBareStreams(installation.core, 2);
  const { hop, publish } = await measureHops(installation.core, await installation.connect('CORE'), bare, 1_000, Math.ceil(200 * scale));
  await bare.remove();
  return 2 * hop + 2 * publish;
}

