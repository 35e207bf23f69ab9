import type { Benchmark } from './benchmark.ts';
import { judge } from './figure.ts';
import type { Options } from './options.ts';
import type { BenchmarkResult } from './report.ts';

const UNDO_SECONDS = 30;

/** Runs one benchmark within its time and undoes whatever it started. Never rejects: a failure is part of the result. */
export async function runBenchmark(benchmark: Benchmark, options: Options, progress: (text: string) => void, stop: AbortSignal): Promise<BenchmarkResult> {
  const started = performance.now();
  const undos: (() => Promise<unknown>)[] = [];
  const over = AbortSignal.any([stop, AbortSignal.timeout(benchmark.limitSeconds * 1_000)]);
  const result = (figures: BenchmarkResult['figures'], error?: string): BenchmarkResult => ({ name: benchmark.name, seconds: (performance.now() - started) / 1_000, figures, ...(error === undefined ? {} : { error }) });
  try {
    const figures = await untilAborted(benchmark.run({ options, progress: (text) => progress(`${benchmark.name}: ${text}`), defer: (undo) => void undos.push(undo), signal: over }), over, benchmark.limitSeconds);
    return result(figures.map(judge));
  } catch (error) {
    return result([], error instanceof Error ? error.message : String(error));
  } finally {
    for (const undo of undos.reverse()) await withinSeconds(undo(), UNDO_SECONDS, (problem) => progress(`${benchmark.name}: could not clean up: ${problem}`));
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal, limitSeconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError' ? `not finished within ${limitSeconds} seconds` : 'interrupted'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject);
  });
}

async function withinSeconds(work: Promise<unknown>, seconds: number, report: (problem: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      report(`not done within ${seconds} seconds`);
      resolve();
    }, seconds * 1_000);
  });
  await Promise.race([work.then(() => undefined, (error: unknown) => report(String(error))), late]);
  clearTimeout(timer);
}
