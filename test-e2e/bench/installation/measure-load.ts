import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';
import { difference, processorSeconds, type ByProcess } from './processor-time.ts';
import type { RunLoad, TaskWish } from './run-load.ts';
import { countStreams, writesBetween, type Writes } from './stream-counts.ts';

export interface LoadSettings {
  readonly concurrency: number;
  readonly wish: TaskWish;
  readonly seconds: number;
}

export interface MeasuredLoad {
  readonly seconds: number;
  readonly steps: number;
  readonly writes: Writes;
  /** Milliseconds of processor time a step, by process. */
  readonly processorMs: ByProcess;
  /** The same of this process, which begins the runs and listens. */
  readonly ownProcessorMs: number;
  /** From 0 to 1, over all processors and everything that runs on this machine. */
  readonly idleShare: number;
}

/** Time in which the load settles before anything is counted. */
const SETTLE_SHARE = 0.2;

/** Keeps runs going for a while and counts what they do in the middle of it; then lets those in flight end. */
export async function measureLoad(installation: Installation, load: RunLoad, settings: LoadSettings): Promise<MeasuredLoad> {
  const { stack, core } = installation;
  const enough = new AbortController();
  const keeping = load.keep(settings.concurrency, settings.wish, enough.signal);
  await sleep(settings.seconds * SETTLE_SHARE * 1_000);
  const before = { at: performance.now(), steps: load.steps, streams: await countStreams(core), processor: processorSeconds(stack), own: process.cpuUsage(), machine: machineTicks() };
  await sleep(settings.seconds * 1_000);
  const streams = await countStreams(core);
  const seconds = (performance.now() - before.at) / 1_000;
  const steps = load.steps - before.steps;
  const used = difference(before.processor, processorSeconds(stack));
  const own = process.cpuUsage(before.own);
  const machine = machineTicks();
  enough.abort();
  await keeping;
  return {
    seconds, steps, writes: writesBetween(before.streams, streams),
    processorMs: Object.fromEntries(Object.entries(used).map(([name, value]) => [name, (value * 1_000) / steps])),
    ownProcessorMs: (own.user + own.system) / 1_000 / steps,
    idleShare: (machine.idle - before.machine.idle) / (machine.all - before.machine.all),
  };
}

/** The machine's processor time so far (`/proc/stat`; idle counts waiting for the disk too). */
function machineTicks(): { readonly idle: number; readonly all: number } {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
  return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), all: fields.reduce((total, value) => total + value, 0) };
}
