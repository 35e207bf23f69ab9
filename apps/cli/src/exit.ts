import { HoldfastError } from '@holdfast/contracts';

/** What each exit code says; `holdfast --help` and docs/cli.md print this table. */
export const EXIT_CODES = {
  done: [0, 'done'],
  refused: [1, 'refused by the gateway, or something that was checked is not as it should be'],
  usage: [2, 'the command line was not understood, or a setting or file that it names is missing or wrong'],
  unreachable: [3, 'the gateway did not answer'],
  failed: [4, '`run --wait`: the run failed'],
  cancelled: [5, '`run --wait`: the run was cancelled, or erased'],
  unfinished: [6, '`run --wait --timeout`: the run has not ended by then; it goes on'],
  fault: [70, 'a fault of this program'],
} as const satisfies Readonly<Record<string, readonly [code: number, meaning: string]>>;

export type Exit = keyof typeof EXIT_CODES;

/** The exit codes, as numbers. */
export const EXIT = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, [code]]) => [name, code])) as { readonly [name in Exit]: (typeof EXIT_CODES)[name][0] };

const USAGE = new Set(['cli.usage', 'cli.settings-missing', 'cli.file-unusable', 'cli.program-missing']);

/** A command that did what it was asked for, and has to end with another code than 0: what it has to say is said. */
export class EndsWith extends Error {
  /** A number is the exit code of another program, which has codes of its own. */
  constructor(readonly exit: Exit | number) {
    super(String(exit));
  }
}

export function exitOf({ code }: HoldfastError): number {
  if (USAGE.has(code)) return EXIT.usage;
  if (code === 'cli.gateway-unreachable') return EXIT.unreachable;
  return code === 'cli.fault' ? EXIT.fault : EXIT.refused;
}

/** What the command line itself does not understand. */
export function usage(message: string, remedy: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'cli.usage', message, retryable: false, remedy, ...(cause === undefined ? {} : { cause }) });
}

/** Anything that was thrown, as something with a code; where in the program it was thrown is told when HOLDFAST_DEBUG is set. */
export function shownError(error: unknown, environment: Readonly<Record<string, string | undefined>> = process.env): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const shown = error instanceof Error ? error : new Error(String(error));
  return new HoldfastError({
    code: 'cli.fault', message: environment['HOLDFAST_DEBUG'] === undefined ? `The program failed: ${shown.message}` : (shown.stack ?? shown.message),
    retryable: false, remedy: 'This should not happen. Use the same release of the command line and the gateway; with HOLDFAST_DEBUG=1 the place is told.', cause: error,
  });
}
