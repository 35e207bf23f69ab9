import { median } from '../suite/statistics.ts';
import type { RunLoad } from './run-load.ts';

/** How long runs took to move on, in milliseconds after the instant that was asked about. */
export interface Movement {
  readonly first: number;
  readonly p50: number;
  /** The last of all runs; the limit when some had not moved by then. */
  readonly all: number;
  /** Runs that had not moved within the limit. */
  readonly stuck: number;
}

/**
 * Waits until each of the runs has a new commit, heard after `from`, whose route shows that the work in question goes on.
 * A run's end counts as moving on. `from` is in milliseconds of this process.
 */
export function watchMovement(load: RunLoad, runs: ReadonlySet<string>, shows: (route: string) => boolean, from: number, limitMs: number): Promise<Movement> {
  return new Promise((resolve) => {
    const times = new Map<string, number>();
    const finish = (): void => {
      clearTimeout(late);
      forget();
      const all = [...times.values()];
      const stuck = runs.size - all.length;
      resolve({ first: Math.min(limitMs, ...all), p50: all.length === 0 ? limitMs : median(all), all: stuck > 0 ? limitMs : Math.max(0, ...all), stuck });
    };
    const late = setTimeout(finish, limitMs);
    const forget = load.onCommit(({ runId, route, at }) => {
      if (at < from || times.has(runId) || !runs.has(runId) || !(shows(route) || route === 'end')) return;
      times.set(runId, at - from);
      if (times.size === runs.size) finish();
    });
  });
}

/** Begins so many runs that do not end by themselves and waits until each has sent its first call. */
export async function beginEndless(load: RunLoad, count: number, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const called = new Set<string>();
  const forget = load.onCommit(({ runId, route }) => route.startsWith('call.') && called.add(runId));
  for (let run = 0; run < count; run += 1) load.begin({ steps: 10_000 });
  while (called.size < count) {
    if (signal.aborted) throw new Error(`only ${called.size} of ${count} runs had begun when the time was over`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  forget();
  return called;
}
