import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { HoldfastError } from '@holdfast/contracts';
import { REPOSITORY, runInForeground } from '@holdfast/deploy';

/** Programs of the checkout that have a command here, by their files. */
const FILES = { doctor: 'deploy/dist/stack/doctor.js', eval: 'apps/evals/dist/run-suite.js', bench: 'test-e2e/bench/main.ts' } as const;
export type ProgramName = keyof typeof FILES;

/** Runs one with these arguments as they are, in the folder that we are in, and returns its exit code. Throws what {@link fileOf} throws. */
export function runProgram(name: ProgramName, args: readonly string[]): Promise<number> {
  const file = fileOf(name);
  // As `npm run` starts them.
  const path = [join(REPOSITORY, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  return runInForeground(process.execPath, [file, ...args], { env: { ...process.env, PATH: path } });
}

/** What a program that needs no build itself needs built. */
const NEEDS: Readonly<Partial<Record<ProgramName, string>>> = { bench: 'examples/accounts-payable/dist/index.js' };

/** Throws `cli.program-missing`. */
export function fileOf(name: ProgramName, repository = REPOSITORY): string {
  const [file, needed] = [FILES[name], NEEDS[name] ?? FILES[name]];
  const missing = [file, needed].find((each) => !existsSync(join(repository, each)));
  if (missing === undefined) return join(repository, file);
  throw new HoldfastError({
    code: 'cli.program-missing', message: `"holdfast ${name}" runs ${file}, and ${missing} is not in ${repository}.`, retryable: false,
    remedy: `Run it from a whole checkout of Holdfast${missing.includes('/dist/') ? ', after "npm run build" there' : '; it is not part of what is deployed'}.`,
  });
}
