import { join } from 'node:path';
import { startInstallation, type Installation } from '../installation/installation.ts';
import { difference, processorSeconds, type ByProcess } from '../installation/processor-time.ts';
import { profiled } from '../installation/profile.ts';
import { RunLoad } from '../installation/run-load.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { mean, sum } from '../suite/statistics.ts';

/** Runs side by side: enough to measure a window in seconds, few enough not to be a test of throughput. */
const TOGETHER = 4;
/** A fresh run's steps that stand for "step 10", and how often they are measured on each side of a long run. */
const FRESH = { from: 5, to: 25, times: 8 };

/** A window of steps of long runs. */
interface Window {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

const WINDOWS: readonly Window[] = [{ step: 100, from: 80, to: 120, times: 4 }, { step: 1_000, from: 950, to: 1_050, times: 1 }];
const FULL_WINDOW: Window = { step: 10_000, from: 9_900, to: 10_000, times: 1 };

interface Cost {
  /** Milliseconds of one step of one run. */
  readonly wallMs: number;
  /** Milliseconds of processor time of one step, all processes. */
  readonly processorMs: number;
  /** The same by process. */
  readonly byProcess: ByProcess;
}

/**
 * What a step costs late in a run against what it costs early. Every long window stands between two series of fresh
 * runs, whose mean is its floor: so a machine that becomes slower meanwhile changes both.
 */
export const growth: Benchmark = {
  name: 'growth',
  about: 'cost of a step at step 10, 100 and 1,000 of a run (with --full also 10,000)',
  limitSeconds: 900,
  async run(context) {
    const { options: { full, scale, profile } } = context;
    const installation = await startInstallation(context);
    const load = await RunLoad.start(installation);
    const fresh = async (times: number): Promise<Cost> => meanOf(await repeat(times, () => measureWindow(installation, load, FRESH)));
    context.progress('warming up');
    await repeat(Math.ceil(10 * scale), () => measureWindow(installation, load, FRESH));
    const times = Math.max(2, Math.round(FRESH.times * scale));
    const sides: Cost[] = [await fresh(times)];
    const figures: Figure[] = [];
    const windows = scale < 0.2 ? WINDOWS.slice(0, 1) : [...WINDOWS, ...(full ? [FULL_WINDOW] : [])];
    for (const window of windows) {
      context.progress(`${TOGETHER} runs to step ${window.to}`);
      const measure = () => repeat(window.times, () => measureWindow(installation, load, window));
      const late = meanOf(profile === undefined ? await measure() : await profiled(installation.stack, join(profile, `step-${window.step}`), measure));
      sides.push(await fresh(times));
      const early = meanOf(sides.slice(-2));
      const name = window.step.toLocaleString('en');
      figures.push(
        { id: `step_${window.step}_ms`, title: `a step at step ${name}, ${TOGETHER} runs side by side`, value: late.wallMs, unit: 'ms', floor: early.wallMs, floorTitle: 'at step 10', target: { of: 'ratio', atMost: 1.2 } },
        { id: `step_${window.step}_processor_ms`, title: `processor time at step ${name}`, value: late.processorMs, unit: 'ms', floor: early.processorMs, floorTitle: 'at step 10', target: { of: 'ratio', atMost: 1.2 } },
        ...Object.entries(late.byProcess).map(([process, value]) => ({ id: `step_${window.step}_processor_ms_${process.replace('-', '_')}`, title: `  of it ${process}`, value, unit: 'ms', floor: early.byProcess[process] ?? 0, floorTitle: 'at step 10' })),
      );
    }
    load.stop();
    return figures;
  },
};

/** Begins runs together and measures between the moment when they have done `from` steps on average and `to`. */
async function measureWindow(installation: Installation, load: RunLoad, window: { readonly from: number; readonly to: number }): Promise<Cost> {
  let begin: { readonly at: number; readonly processor: ReturnType<typeof processorSeconds> } | undefined;
  let cost: Cost | undefined;
  const before = load.steps;
  const forget = load.onCommit(({ route, at }) => {
    if (!route.startsWith('call.')) return;
    const steps = load.steps - before;
    if (steps === window.from * TOGETHER) begin = { at, processor: processorSeconds(installation.stack) };
    if (steps !== window.to * TOGETHER || begin === undefined) return;
    const measured = (window.to - window.from) * TOGETHER;
    const used = Object.entries(difference(begin.processor, processorSeconds(installation.stack)));
    const byProcess = Object.fromEntries(used.map(([name, seconds]) => [name, (seconds * 1_000) / measured]));
    cost = { wallMs: (at - begin.at) / (window.to - window.from), processorMs: sum(Object.values(byProcess)), byProcess };
  });
  await Promise.all(Array.from({ length: TOGETHER }, () => load.one({ steps: window.to })));
  forget();
  if (cost === undefined) throw new Error(`commits went unheard between step ${window.from} and ${window.to}`);
  return cost;
}

async function repeat<T>(times: number, measure: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let time = 0; time < times; time += 1) results.push(await measure());
  return results;
}

function meanOf(costs: readonly Cost[]): Cost {
  const names = Object.keys(costs[0]?.byProcess ?? {});
  return {
    wallMs: mean(costs.map(({ wallMs }) => wallMs)), processorMs: mean(costs.map(({ processorMs }) => processorMs)),
    byProcess: Object.fromEntries(names.map((name) => [name, mean(costs.map(({ byProcess }) => byProcess[name] ?? 0))])),
  };
}
