import { HoldfastError } from '@holdfast/contracts';
import type { Baseline } from '../faults/candidates.js';
import { cellsOf, suiteOf } from '../faults/cells.js';
import type { CaseResult, SuiteReport } from '../reporting/report.js';
import type { Suite } from '../suites/suite.js';
import type { MatrixArguments } from './arguments.js';

/** What is executed first: the cases that have no faults of their own, once each, and what they consist of is told. */
export function baselineSuite(suite: Suite): Suite {
  const cases = suite.cases.filter(({ faults }) => faults.kill.length + faults.http.length + faults.world.length === 0);
  if (cases.length === 0) throw new HoldfastError({ code: 'suite.no-baseline', message: `Every case of "${suite.name}" has faults of its own.`, retryable: false, remedy: 'Add cases without faults; the matrix makes them from these.' });
  return { ...suite, repeats: 1, cases: cases.map((given) => ({ ...given, observed: true })) };
}

/** The suite of cells. Throws `suite.baseline-failed` when a case fails without any fault, and `suite.cell-unknown`. */
export function matrixSuite(suite: Suite, baseline: SuiteReport, { families, seed, most, only }: MatrixArguments): Suite {
  const failed = baseline.cases.find(({ passed }) => !passed);
  if (failed !== undefined) throw new HoldfastError({ code: 'suite.baseline-failed', message: `"${failed.name}" fails without any fault: ${reasonOf(failed)}`, retryable: false, remedy: 'Run the suite without --faults until it passes.' });
  const seen = new Map(baseline.cases.map(({ name, observed }) => [name, (observed ?? { events: [], exchanges: [] }) as Baseline]));
  const made = suiteOf({ ...suite, cases: suite.cases.map((given) => ({ ...given, observed: false })) }, cellsOf(suite, seen, { families, seed, most }));
  if (only === undefined) return made;
  const cases = made.cases.filter(({ name }) => name === only);
  if (cases.length === 0) throw new HoldfastError({ code: 'suite.cell-unknown', message: `With seed ${seed} and ${most} cells there is no ${JSON.stringify(only)}.`, retryable: false, remedy: 'Give the name, the seed and the number of cells as the report has them.' });
  return { ...made, cases };
}

/** The command that runs a cell alone. */
export function repeatCommand(path: string, { seed, most }: Pick<MatrixArguments, 'seed' | 'most'>, name: string): string {
  const family = name.split('/')[0] ?? 'all';
  return `npm run eval -- ${path} --faults ${family} --seed ${seed} --cells ${most} --only '${name.replaceAll("'", "'\\''")}'`;
}

function reasonOf({ verdicts }: CaseResult): string {
  return verdicts.filter(({ passed }) => !passed).map(({ scorer, reason }) => `${scorer}: ${reason}`).join('; ');
}
