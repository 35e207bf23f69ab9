import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';

/** The command line of the benchmarks. Numbers that are left out have the default of the benchmark that uses them. */
export interface Options {
  /** Names of the benchmarks to run; all when empty. */
  readonly only: readonly string[];
  /** Print the JSON object alone, without tables. */
  readonly json: boolean;
  /** Print tables in Markdown, for the documentation. */
  readonly markdown: boolean;
  /** Sizes that take many minutes: growth to step 10,000. */
  readonly full: boolean;
  /** Steps of one run. */
  readonly steps: number;
  /** Runs in flight at once. */
  readonly concurrency: number;
  /** Length of one loaded measurement. */
  readonly seconds: number;
  /** Scales everything that is not time: 1 is the whole, a smoke test takes a hundredth. */
  readonly scale: number;
  /** Record a processor profile of each service under load into this folder (`.cpuprofile`, for Chromium's tools). */
  readonly profile: string | undefined;
}

export const USAGE = 'npm run bench -- [--only name[,name]] [--json] [--markdown] [--full] [--steps N] [--concurrency N] [--seconds N] [--scale 0..1] [--profile folder] [--list]';

/** Reads the command line. Throws `bench.arguments-invalid`, which names what is wrong. */
export function readOptions(args: readonly string[], names: readonly string[]): Options & { readonly list: boolean } {
  const { values } = parsed(args);
  const only = (values.only ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw invalid(`there is no benchmark ${unknown.map((name) => `"${name}"`).join(', ')}; there are ${names.join(', ')}`);
  return {
    only, json: values.json, markdown: values.markdown, full: values.full, list: values.list, profile: values.profile,
    steps: positive('steps', values.steps, 1, 10_000), concurrency: positive('concurrency', values.concurrency, 1, 10_000),
    seconds: positive('seconds', values.seconds, 0.1, 3_600), scale: positive('scale', values.scale, 0.000_1, 1),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      // `npm run` takes the `--` away, other ways of starting do not.
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        only: { type: 'string' }, json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false }, full: { type: 'boolean', default: false }, list: { type: 'boolean', default: false },
        steps: { type: 'string', default: '10' }, concurrency: { type: 'string', default: '64' }, seconds: { type: 'string', default: '10' },
        scale: { type: 'string', default: '1' }, profile: { type: 'string' },
      },
    });
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least || value > most) throw invalid(`--${name} is "${text}"; it must be a number from ${least} to ${most}`);
  return value;
}

function invalid(why: string): HoldfastError {
  return new HoldfastError({ code: 'bench.arguments-invalid', message: `The command line cannot be used: ${why}.`, retryable: false, remedy: `Use ${USAGE}` });
}
