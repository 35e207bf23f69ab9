import { HoldfastError } from '@holdfast/contracts';
import { BENCHMARKS } from './benchmarks/index.ts';
import { readOptions } from './suite/options.ts';
import { jsonOf, markdownOf, tableOf, type BenchmarkResult } from './suite/report.ts';
import { runBenchmark } from './suite/run-suite.ts';

/**
 * `npm run bench`: every benchmark, one after another, each on processes and a broker of its own with fsync before every
 * acknowledgement. Progress goes to the errors' stream; a table for each benchmark and, last, one JSON object to the
 * output. A missed target is a figure, not a failure: the exit code is 1 only when a benchmark could not measure.
 */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args, BENCHMARKS.map(({ name }) => name));
  if (options.list) {
    for (const { name, about } of BENCHMARKS) process.stdout.write(`${name.padEnd(14)} ${about}\n`);
    return 0;
  }
  const started = performance.now();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  const progress = (text: string): void => void process.stderr.write(`${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s  ${text}\n`);
  const results: BenchmarkResult[] = [];
  for (const benchmark of BENCHMARKS) {
    if (interruption.signal.aborted || (options.only.length > 0 && !options.only.includes(benchmark.name))) continue;
    progress(`${benchmark.name}: ${benchmark.about}`);
    const result = await runBenchmark(benchmark, options, progress, interruption.signal);
    results.push(result);
    if (!options.json) process.stdout.write(`${options.markdown ? markdownOf(result) : tableOf(result)}\n`);
  }
  process.stdout.write(`${JSON.stringify(jsonOf(results, (performance.now() - started) / 1_000))}\n`);
  return results.some(({ error }) => error !== undefined) ? 1 : 0;
}

main(process.argv.slice(2)).then(
  // What a benchmark that ran out of time has left open must not keep the whole from ending.
  (code) => process.stdout.write('', () => process.exit(code)),
  (error: unknown) => {
    process.stderr.write(error instanceof HoldfastError ? `${error.message}\nWhat to do: ${error.remedy}\n` : `${String(error)}\n`);
    process.exit(1);
  },
);
