import type { Figure } from './figure.ts';
import type { Options } from './options.ts';

/** What a benchmark is given. */
export interface BenchmarkContext {
  readonly options: Options;
  /** A line for people who wait; it goes to the errors' stream. */
  readonly progress: (text: string) => void;
  /** Something to be undone at the end, in reverse order, whatever happened. */
  readonly defer: (undo: () => Promise<unknown>) => void;
  /** Aborted when the benchmark's time is over. Loops look at it. */
  readonly signal: AbortSignal;
}

/** One benchmark: it starts what it needs, measures, and answers figures. */
export interface Benchmark {
  /** What `--only` names. */
  readonly name: string;
  /** One line that says what is measured. */
  readonly about: string;
  /** After so many seconds it is given up. */
  readonly limitSeconds: number;
  run(context: BenchmarkContext): Promise<readonly Figure[]>;
}
