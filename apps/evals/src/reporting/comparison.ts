import type { CaseResult, SuiteReport } from './report.js';

/** How two reports of the same cells differ, execution by execution. */
export interface Comparison {
  /** Executions that both reports have. */
  readonly pairs: number;
  /** Done in the earlier report and not in this one, and the other way round. */
  readonly lost: readonly string[];
  readonly gained: readonly string[];
  /** The chance of so many losses among the executions that differ, or more, if losing and gaining were equally likely. */
  readonly pValue: number;
  /** Median of this report's duration over the earlier one's, of executions that both did. */
  readonly durationRatio: number | undefined;
}

/**
 * The exact one-sided form of McNemar's test (McNemar 1947; a sign test of the pairs that differ): each execution is compared
 * with itself, so that hard cells weigh no more than easy ones. Done means `solved` where it is told, else `passed`.
 */
export function compareReports(earlier: SuiteReport, now: SuiteReport): Comparison {
  const before = new Map(earlier.cases.map((result) => [keyOf(result), result]));
  const pairs = now.cases.flatMap((result) => {
    const old = before.get(keyOf(result));
    return old === undefined || old.void === true || result.void === true ? [] : [{ old, result }];
  });
  const lost = pairs.filter(({ old, result }) => isDone(old) && !isDone(result)).map(({ result }) => result.name);
  const gained = pairs.filter(({ old, result }) => !isDone(old) && isDone(result)).map(({ result }) => result.name);
  const ratios = pairs.filter(({ old, result }) => isDone(old) && isDone(result)).map(({ old, result }) => result.durationMs / old.durationMs).sort((a, b) => a - b);
  return { pairs: pairs.length, lost, gained, pValue: upperTail(lost.length, lost.length + gained.length), durationRatio: ratios[Math.floor(ratios.length / 2)] };
}

/** More was lost than chance explains in one of twenty comparisons. */
export function isWorse({ pValue, lost }: Comparison): boolean {
  return lost.length > 0 && pValue <= 0.05;
}

/** The comparison in words. */
export function renderComparison({ pairs, lost, gained, pValue, durationRatio }: Comparison): string {
  const names = (which: string, those: readonly string[]): readonly string[] => those.map((name) => `  ${which}  ${name}`);
  return [
    `Beside the earlier report: ${pairs} executions in both, ${lost.length} lost, ${gained.length} gained (one-sided p ${pValue.toFixed(3)})${durationRatio === undefined ? '' : `, time ${durationRatio.toFixed(2)} of the earlier (median)`}`,
    ...names('lost  ', lost), ...names('gained', gained),
  ].join('\n');
}

function isDone({ solved, passed }: CaseResult): boolean {
  return passed && solved !== false;
}

function keyOf({ name, repeat }: CaseResult): string {
  return `${repeat} ${name}`;
}

/** The chance of at least `k` heads in `n` throws of a fair coin. */
function upperTail(k: number, n: number): number {
  let term = 0.5 ** n;
  let sum = 0;
  for (let heads = 0; heads <= n; heads += 1) {
    if (heads >= k) sum += term;
    term = (term * (n - heads)) / (heads + 1);
  }
  return Math.min(1, sum);
}
