import { z } from 'zod';
import type { CaseResult } from './report.js';

/** A share between 0 and 1 with the bounds of its 95 % interval. */
const share = z.object({ estimate: z.number(), low: z.number(), high: z.number() });
export type Share = z.infer<typeof share>;

/** How a suite does when each case is tried k times: at least one of k passes (`pass@k`), and all k pass (`pass^k`). */
export const repeatsReport = z.array(z.object({ k: z.number().int(), passAt: share, passAll: share })).readonly();
export type RepeatsReport = z.infer<typeof repeatsReport>;

/** The standard normal quantile of a two-sided interval of 95 %. */
const Z = 1.959963984540054;
/** Beyond this, further tries are told for doubles only: 8, 16, 32 … and the last. */
const EACH_UP_TO = 8;

/**
 * For k from 1 to the number of repeats. `pass@k` is the unbiased estimator of Chen et al. 2021 ("Evaluating Large Language
 * Models Trained on Code"), 1 - C(n-c, k) / C(n, k); `pass^k` that of Yao et al. 2024 ("tau-bench"), C(c, k) / C(n, k), with c of n
 * executions of a case passed; both are means over the cases. The interval takes cases as the sample: a mean of
 * values between 0 and 1 varies at most as a share does, so Wilson's interval for as many trials as there are cases is wide enough.
 */
export function repeatsOf(results: readonly CaseResult[]): RepeatsReport {
  const cases = [...Map.groupBy(results, ({ name }) => name).values()].map((executions) => ({ n: executions.length, c: executions.filter(({ passed }) => passed).length }));
  const most = Math.min(...cases.map(({ n }) => n));
  if (cases.length === 0) return [];
  return tries(most).map((k) => ({
    k,
    passAt: shareOf(cases.map(({ n, c }) => 1 - allOf(n - c, n, k))),
    passAll: shareOf(cases.map(({ n, c }) => allOf(c, n, k))),
  }));
}

function tries(most: number): readonly number[] {
  const all = Array.from({ length: most }, (_, index) => index + 1);
  return all.filter((k) => k <= EACH_UP_TO || k === most || Number.isInteger(Math.log2(k)));
}

/** The chance that k drawn without return from n are all among c of them: C(c, k) / C(n, k), without large factorials. */
function allOf(c: number, n: number, k: number): number {
  let chance = 1;
  for (let drawn = 0; drawn < k; drawn += 1) chance *= Math.max(0, c - drawn) / (n - drawn);
  return chance;
}

/** The mean of values between 0 and 1 and Wilson's score interval (Wilson 1927); of no values, anything is possible. */
export function shareOf(values: readonly number[]): Share {
  const n = values.length;
  if (n === 0) return { estimate: 0, low: 0, high: 1 };
  const estimate = values.reduce((sum, value) => sum + value, 0) / n;
  const middle = (estimate + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const reach = (Z / (1 + (Z * Z) / n)) * Math.sqrt((estimate * (1 - estimate)) / n + (Z * Z) / (4 * n * n));
  return { estimate, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}
