import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';

export interface CommandArguments {
  readonly suite: string;
  /** A folder for `report.json` and `junit.xml`. */
  readonly report: string | undefined;
}

export const USAGE = 'npm run eval -- <suite.yaml> [--report <folder>]';

/** Throws `evals.usage`. */
export function readArguments(given: readonly string[]): CommandArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...given], options: { report: { type: 'string' } }, allowPositionals: true });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
  const [suite, ...rest] = parsed.positionals;
  if (suite === undefined) throw usage('No suite is named.');
  if (rest.length > 0) throw usage(`One suite is run at a time; "${rest.join(' ')}" is one too many.`);
  if (parsed.values.report === '') throw usage('--report names no folder.');
  return { suite, report: parsed.values.report };
}

function usage(message: string): HoldfastError {
  return new HoldfastError({ code: 'evals.usage', message, retryable: false, remedy: `Use: ${USAGE}` });
}
