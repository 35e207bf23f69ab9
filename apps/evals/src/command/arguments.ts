import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';
import { FAMILIES, type Family } from '../faults/families.js';

export interface CommandArguments {
  readonly suite: string;
  /** A folder for `report.json` and `junit.xml`, and for what is known before they are. */
  readonly report: string | undefined;
  /** Goes on where an earlier command with the same suite and folder was broken off. */
  readonly resume: boolean;
  /** A `report.json` that this one is compared with. */
  readonly baseline: string | undefined;
  /** Runs the suite's cases under each of these families of faults instead of as they are. */
  readonly matrix: MatrixArguments | undefined;
}

export interface MatrixArguments {
  readonly families: readonly Family[];
  readonly seed: number;
  /** Of each family. */
  readonly most: number;
  /** The name of the one cell to run. */
  readonly only: string | undefined;
}

const DEFAULT_SEED = 1;
/** Five families of these are more than two hundred cells. */
const DEFAULT_CELLS = 44;
/** What continuous integration has time for. */
const SLICE_CELLS = 8;

export const USAGE = 'npm run eval -- <suite.yaml> [--report <folder> [--resume]] [--faults all|<family>,… [--seed <n>] [--cells <n> | --slice] [--only <cell>]] [--baseline <report.json>]';

/** Throws `evals.usage`. */
export function readArguments(given: readonly string[]): CommandArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...given], options: { report: { type: 'string' }, resume: { type: 'boolean', default: false }, baseline: { type: 'string' }, faults: { type: 'string' }, seed: { type: 'string' }, cells: { type: 'string' }, slice: { type: 'boolean', default: false }, only: { type: 'string' } }, allowPositionals: true });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
  const [suite, ...rest] = parsed.positionals;
  if (suite === undefined) throw usage('No suite is named.');
  if (rest.length > 0) throw usage(`One suite is run at a time; "${rest.join(' ')}" is one too many.`);
  if (parsed.values.report === '') throw usage('--report names no folder.');
  if (parsed.values.resume && parsed.values.report === undefined) throw usage('--resume needs the --report folder of the command that was broken off.');
  return { suite, report: parsed.values.report, resume: parsed.values.resume, baseline: parsed.values.baseline, matrix: matrixOf(parsed.values) };
}

function matrixOf({ faults, seed, cells, slice, only }: Readonly<Partial<Record<'faults' | 'seed' | 'cells' | 'only', string>>> & { readonly slice: boolean }): MatrixArguments | undefined {
  if (faults === undefined) {
    if (seed !== undefined || cells !== undefined || only !== undefined || slice) throw usage('--seed, --cells, --slice and --only belong to --faults.');
    return undefined;
  }
  const names = faults === 'all' ? FAMILIES : faults.split(',');
  const families = FAMILIES.filter((family) => names.includes(family));
  if (families.length < names.length) throw usage(`--faults takes "all" or some of ${FAMILIES.join(', ')}, separated by commas.`);
  return { families, seed: whole('--seed', seed, DEFAULT_SEED, 0), most: whole('--cells', cells, slice ? SLICE_CELLS : DEFAULT_CELLS, 1), only };
}

function whole(option: string, given: string | undefined, otherwise: number, least: number): number {
  if (given === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(given) || Number(given) < least) throw usage(`${option} takes a whole number from ${least}.`);
  return Number(given);
}

function usage(message: string): HoldfastError {
  return new HoldfastError({ code: 'evals.usage', message, retryable: false, remedy: `Use: ${USAGE}` });
}
