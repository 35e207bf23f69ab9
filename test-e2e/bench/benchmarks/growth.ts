import { join } from 'node:path';
import { startInstallation, type Installation } from '../installation/installation.ts';
import { difference, processorSeconds, residentBytes, type ByProcess } from '../installation/processor-time.ts';
import { profiled } from '../installation/profile.ts';
import { RunLoad } from '../installation/run-load.ts';
import type { Benchmark } from '../suite/benchmark.ts';
import type { Figure } from '../suite/figure.ts';
import { mean, sum } from '../suite/statistics.ts';

/** Runs side by side: enough to measure a window in seconds, few enough not to be a test of throughput. */
const TOGETHER = 4;
/** A fresh run's steps that stand for "step 10", and how often they are measured on each side of a long run. */
const FRESH = { from: 5, to: 25, times: 6 };
/** Every other step reads a page of an outsider's and looks for a value that nothing vouches for, every other acts. */
const TOOL = 'study-and-count';

/** A window of steps of long runs. */
interface Window {
  readonly step: number;
  readonly from: number;
  readonly to: number;
  readonly times: number;
}

const WINDOWS: readonly Window[] = [{ step: 100, from: 80, to: 120, times: 5 }, { step: 1_000, from: 950, to: 1_050, times: 3 }];
const FULL_WINDOW: Window = { step: 10_000, from: 9_900, to: 10_000, times: 1 };

interface Cost {
  /** Milliseconds of one step of one run. */
  readonly wallMs: number;
  /** Milliseconds of processor time of one step, all processes. */
  readonly processorMs: number;
  /** The same by process. */
  readonly byProcess: ByProcess;
}

/** A window and the fresh runs right before and after it. */
interface Pair {
  readonly late: Cost;
  readonly early: Cost;
}

/**
 * What a step costs late in a run against what it costs early. Every long window stands between two series of fresh
 * runs, whose mean is its floor: so a machine that becomes slower meanwhile changes both. Of several such pairs the one with the
 * median ratio is told, and the least and the greatest ratio beside it.
 */
export const growth: Benchmark = {
  name: 'growth',
  about: 'cost of a step at step 10, 100 and 1,000 of a run (with --full also 10,000)',
  limitSeconds: 1_800,
  async run(context) {
    const { options: { full, scale, profile } } = context;
    const installation = await startInstallation(context);
    const load = await RunLoad.start(installation);
    const times = Math.max(2, Math.round(FRESH.times * scale));
    const fresh = async (): Promise<Cost> => meanOf(await repeat(times, () => measureWindow(installation, load, FRESH)));
    context.progress('warming up');
    await repeat(Math.ceil(10 * scale), () => measureWindow(installation, load, FRESH));
    const figures: Figure[] = [];
    const windows = scale < 0.2 ? WINDOWS.slice(0, 1) : [...WINDOWS, ...(full ? [FULL_WINDOW] : [])];
    let before = await fresh();
    for (const window of windows) {
      const pairs: Pair[] = [];
      for (let time = 1; time <= Math.max(1, Math.round(window.times * scale)); time += 1) {
        context.progress(`${TOGETHER} runs to step ${window.to}, ${time} of ${window.times}`);
        const measure = () => measureWindow(installation, load, window);
        const late = profile === undefined ? await measure() : await profiled(installation.stack, join(profile, `step-${window.step}`), measure);
        const after = await fresh();
        pairs.push({ late, early: meanOf([before, after]) });
        before = after;
      }
      figures.push(...figuresOf(window, pairs));
    }
    const resident = Object.entries(residentBytes(installation.stack));
    figures.push(...resident.map(([process, bytes]) => ({ id: `resident_${process.replace('-', '_')}`, title: `memory of ${process} after all of this`, value: bytes / 2 ** 20, unit: 'MiB' })));
    load.stop();
    return figures;
  },
};

function figuresOf({ step }: Window, pairs: readonly Pair[]): readonly Figure[] {
  const name = step.toLocaleString('en');
  const among = `least and most of ${pairs.length}`;
  const told = (id: string, title: string, of: (cost: Cost) => number, judged: boolean): readonly Figure[] => {
    const sorted = pairs.map(({ late, early }) => ({ late: of(late), early: of(early), ratio: of(late) / of(early) })).sort((a, b) => a.ratio - b.ratio);
    const middle = sorted[Math.floor(sorted.length / 2)] ?? { late: Number.NaN, early: Number.NaN };
    const figure: Figure = { id, title, value: middle.late, unit: 'ms', floor: middle.early, floorTitle: 'at step 10', ...(judged ? { target: { of: 'ratio', atMost: 1.2 } } : {}) };
    const spread = [sorted[0], sorted.at(-1)].map((pair, at): Figure => ({ id: `${id}_${at === 0 ? 'least' : 'most'}`, title: `  ${at === 0 ? 'least' : 'greatest'} ratio (${among})`, value: pair?.late ?? Number.NaN, unit: 'ms', floor: pair?.early ?? Number.NaN, floorTitle: 'at step 10' }));
    return judged ? [figure, ...spread] : [figure];
  };
  return [
    ...told(`step_${step}_ms`, `a step at step ${name}, ${TOGETHER} runs side by side`, ({ wallMs }) => wallMs, true),
    ...told(`step_${step}_processor_ms`, `processor time at step ${name}`, ({ processorMs }) => processorMs, true),
    ...Object.keys(pairs[0]?.late.byProcess ?? {}).flatMap((process) => told(`step_${step}_processor_ms_${process.replace('-', '_')}`, `  of it ${process}`, ({ byProcess }) => byProcess[process] ?? 0, false)),
  ];
}

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
  await Promise.all(Array.from({ length: TOGETHER }, () => load.one({ steps: window.to, tool: TOOL })));
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
