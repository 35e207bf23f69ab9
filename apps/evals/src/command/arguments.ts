import { parseArgs } from 'node:util';
import { HoldfastError } from '@holdfast/contracts';

export interface CommandArguments {
  readonly suite: string;
  /** A folder for `report.json` and `junit.xml`, and for what is known before they are. */
  readonly report: string | undefined;
  /** Goes on where an earlier command with the same suite and folder was broken off. */
  readonly resume: boolean;
}

export const USAGE = 'npm run eval -- <suite.yaml> [--report <folder> [--resume]]';

/** Throws `evals.usage`. */
export function readArguments(given: readonly string[]): CommandArguments {
  let parsed;
  try {
    parsed = parseArgs({ args: [...given], options: { report: { type: 'string' }, resume: { type: 'boolean', default: false } }, allowPositionals: true });
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : String(cause));
  }
  const [suite, ...rest] = parsed.positionals;
  if (suite === undefined) throw usage('No suite is named.');
  if (rest.length > 0) throw usage(`One suite is run at a time; "${rest.join(' ')}" is one too many.`);
  if (parsed.values.report === '') throw usage('--report names no folder.');
  if (parsed.values.resume && parsed.values.report === undefined) throw usage('--resume needs the --report folder of the command that was broken off.');
  return { suite, report: parsed.values.report, resume: parsed.values.resume };
}

function usage(message: string): HoldfastError {
  return new HoldfastError({ code: 'evals.usage', message, retryable: false, remedy: `Use: ${USAGE}` });
}
