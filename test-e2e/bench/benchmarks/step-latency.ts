import { createBareStreams } from '../floor/bare-streams.ts';
import { measureHops, type HopFloor } from '../floor/hops.ts';
import { startInstallation } from '../installation/installation.ts';
import { RunLoad, type HeardCommit } from '../installation/run-load.ts';
import { countStreams, writesBetween } from '../installation/stream-counts.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import { mean, median, percentile } from '../suite/statistics.ts';

/** Rounds of floor and run in turn, so that a noisy minute falls on both. */
const ROUNDS = 4;
/** Long enough that the beginning and the end of a run weigh little. */
const STEPS = 50;
const HOPS = 100;

/**
 * One run alone, against the same durable writes through a bare client on the same broker: each commit as a hop (it is
 * published and delivered to whoever acts next), each claim and outcome as a publish until its acknowledgement.
 */
export const stepLatency: Benchmark = {
  name: 'step-latency',
  about: 'one run alone, instant model and tool, over the same durable hops through a bare client',
  limitSeconds: 90,
  async run(context) {
    const { options: { scale } } = context;
    const installation = await startInstallation(context);
    const { core } = installation;
    const receiver = await installation.connect('CORE');
    const load = await RunLoad.start(installation);
    context.progress('warming up');
    await Promise.all(Array.from({ length: Math.ceil(16 * scale) }, () => load.one({ steps: 20 })));
    const steps = Math.max(5, Math.round(STEPS * scale));
    await load.one({ steps });
    const bare = await createBareStreams(core, 2);
    const floors: HopFloor[] = [];
    const samples: StepSamples = { steps: [], decisions: [], calls: [] };
    let counts = { commits: 0, effects: 0, bytes: 700 };
    const countedSteps = ROUNDS * steps;
    for (let round = 0; round < ROUNDS && !context.signal.aborted; round += 1) {
      context.progress(`round ${round + 1} of ${ROUNDS}`);
      floors.push(await measureHops(core, receiver, bare, counts.bytes, Math.ceil(HOPS * scale)));
      const before = await countStreams(core);
      const heard: HeardCommit[] = [];
      const forget = load.onCommit((commit) => void heard.push(commit));
      await load.one({ steps });
      forget();
      collect(heard, samples);
      const { commits, effects, commitBytes } = writesBetween(before, await countStreams(core));
      counts = { commits: counts.commits + commits, effects: counts.effects + effects, bytes: commitBytes };
    }
    floors.push(await measureHops(core, receiver, bare, counts.bytes, Math.ceil(HOPS * scale)));
    await bare.remove();
    load.stop();
    const hop = mean(floors.map((floor) => floor.hop));
    const publish = mean(floors.map((floor) => floor.publish));
    const [commitsAStep, effectsAStep] = [counts.commits / countedSteps, counts.effects / countedSteps];
    const floor = commitsAStep * hop + effectsAStep * publish;
    return [
      { id: 'step_ms_p50', title: 'a step, p50', value: median(samples.steps), unit: 'ms', floor, floorTitle: `${commitsAStep.toFixed(2)} hops, ${effectsAStep.toFixed(2)} publishes`, target: { of: 'ratio', atMost: 2 } },
      { id: 'step_ms_p99', title: 'a step, p99', value: percentile(samples.steps, 0.99), unit: 'ms' },
      { id: 'decision_ms_p50', title: 'of it from the plan commit to the call', value: median(samples.decisions), unit: 'ms' },
      { id: 'call_ms_p50', title: 'of it from the call to the next plan commit', value: median(samples.calls), unit: 'ms' },
      { id: 'bare_hop_ms', title: 'bare: one durable publish and its delivery', value: hop, unit: 'ms' },
      { id: 'bare_publish_ms', title: 'bare: one durable publish', value: publish, unit: 'ms' },
    ];
  },
};

interface StepSamples {
  readonly steps: number[];
  readonly decisions: number[];
  readonly calls: number[];
}

/** A step goes from one `plan` commit to the next, with the commit that sends the call between. */
function collect(heard: readonly HeardCommit[], into: StepSamples): void {
  let planned: number | undefined;
  let called: number | undefined;
  for (const { route, at } of heard) {
    if (route.startsWith('call.') && planned !== undefined) {
      into.decisions.push(at - planned);
      called = at;
    }
    if (route !== 'plan') continue;
    if (planned !== undefined && called !== undefined) {
      into.calls.push(at - called);
      into.steps.push(at - planned);
    }
    planned = at;
  }
}
