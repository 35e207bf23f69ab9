import { setTimeout as sleep } from 'node:timers/promises';
import { createBareStreams } from '../floor/bare-streams.ts';
import { measurePublishes } from '../floor/publishes.ts';
import { startInstallation } from '../installation/installation.ts';
import { measureLoad } from '../installation/measure-load.ts';
import { profiled } from '../installation/profile.ts';
import { RunLoad } from '../installation/run-load.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { mean, sum } from '../suite/statistics.ts';

const FLOOR_SECONDS = 2;

/**
 * Steps a second with many runs at once, against what a bare client gets out of the same broker: durable publishes a
 * second with the same number in flight over the same number of streams, divided by the durable writes that a step was
 * counted to need. The streams are used evenly by the bare client, whatever our own use of them is.
 */
export const throughput: Benchmark = {
  name: 'throughput',
  about: 'steps a second with many runs at once, over bare durable publishes; processor time of a step',
  limitSeconds: 120,
  async run(context) {
    const { options: { concurrency, steps, seconds, scale } } = context;
    const installation = await startInstallation(context);
    const load = await RunLoad.start(installation);
    context.progress('warming up');
    const enough = new AbortController();
    const warm = load.keep(concurrency, { steps }, enough.signal);
    await sleep(4_000 * scale);
    enough.abort();
    await warm;
    const floorOf = async (streams: number, bytes: number): Promise<number> => {
      const bare = await createBareStreams(installation.core, streams);
      const rate = await measurePublishes(installation.core, bare, bytes, concurrency, FLOOR_SECONDS * scale);
      await bare.remove();
      return rate;
    };
    context.progress(`bare publishes, ${concurrency} in flight`);
    const before = await floorOf(installation.stack.partitions + 1, 900);
    context.progress(`${concurrency} runs of ${steps} steps for ${seconds} s`);
    const measure = () => measureLoad(installation, load, { concurrency, wish: { steps }, seconds });
    const folder = context.options.profile;
    // A profiled run is slower: its figures are not for comparison.
    const measured = folder === undefined ? await measure() : await profiled(installation.stack, folder, measure);
    context.progress(`bare publishes, ${concurrency} in flight`);
    const after = await floorOf(measured.writes.streams, measured.writes.commitBytes);
    load.stop();
    const writesAStep = measured.writes.all / measured.steps;
    const publishes = mean([before, after]);
    const processor = Object.entries(measured.processorMs);
    return [
      { id: 'steps_per_second', title: `steps a second, ${concurrency} runs of ${steps} steps`, value: measured.steps / measured.seconds, unit: '/s', floor: publishes / writesAStep, floorTitle: `${Math.round(publishes)} publishes/s, ${writesAStep.toFixed(2)} a step`, target: { of: 'ratio', atLeast: 0.4 } },
      { id: 'commits_per_second', title: 'commits a second', value: measured.writes.commits / measured.seconds, unit: '/s' },
      { id: 'writes_per_step', title: 'durable writes a step', value: writesAStep, unit: '' },
      { id: 'processor_ms_per_step', title: 'processor time a step, all processes', value: sum(processor.map(([, ms]) => ms)), unit: 'ms', target: { of: 'value', atMost: 1.2 } },
      ...processor.map(([name, ms]) => ({ id: `processor_ms_per_step_${name.replace('-', '_')}`, title: `of it ${name}`, value: ms, unit: 'ms' })),
      { id: 'processor_ms_per_step_load', title: 'beside it this process, which makes the load', value: measured.ownProcessorMs, unit: 'ms' },
      { id: 'processor_idle', title: 'share of all processors that nobody used', value: measured.idleShare, unit: '' },
    ];
  },
};
