import type { CanaryDeclaration, CanaryVerdict, EvidencePoint } from '@holdfast/contracts';
import { lossesOf } from '../runs/losses.js';
import type { TriedRun } from '../runs/tried-run.js';
import { Comparison } from './comparison.js';

/** The evidence so far, and what it says once it says something. */
export interface Assessment {
  /** The curve: every pair at first, and later each time there are a twentieth more of them. */
  readonly points: readonly EvidencePoint[];
  readonly verdict?: Omit<CanaryVerdict, 'at'>;
  /** When the run that the others wait for counts as it stands, in milliseconds since the Unix epoch; undefined when all are counted. */
  readonly waitsUntil?: number;
}

/**
 * How long a run waits for those that began before it, in milliseconds: commits of several partitions do not arrive in the order
 * in which they were made.
 */
export const ORDER_GRACE_MS = 1_000;

/** Pairs up to which each is a point of the curve. */
const EACH_PAIR = 64;
const GROWTH = 1.05;

/**
 * Judges all runs of a trial anew, in the order in which they began. It is a function of the log and the declaration, and of `now`
 * (milliseconds since the Unix epoch) only in how far it comes.
 *
 * - Rolled back when the evidence against "no worse" reaches M/α for any of M metrics: by a union bound over M e-processes, a
 *   version that is no worse by any metric is rolled back with a probability of at most α.
 * - Promoted when the evidence against "worse by the margin or more" reaches 1/α for every metric: a version that is so by any
 *   metric is promoted with a probability of at most α, since that metric's own e-process would have to err.
 * - Otherwise inconclusive after the declared number of pairs.
 */
export function assess(declaration: CanaryDeclaration, runs: Iterable<TriedRun>, now: number): Assessment {
  const comparison = new Comparison(declaration.metrics);
  const points: EvidencePoint[] = [];
  const units = new Set<string>();
  let next = 1;
  for (const run of [...runs].sort(byStart)) {
    if (run.startedAt > now - ORDER_GRACE_MS) return { points, waitsUntil: run.startedAt + ORDER_GRACE_MS };
    if (units.has(run.unit)) continue;
    units.add(run.unit);
    const losses = lossesOf(run, declaration, now);
    if (losses === undefined) return { points, waitsUntil: run.startedAt + declaration.judgedAfterSeconds * 1_000 };
    if (!comparison.add(run.arm, losses)) continue;
    const { point } = comparison;
    const verdict = verdictAt(point, declaration);
    if (point.pairs >= next || verdict !== undefined) {
      points.push(point);
      next = point.pairs < EACH_PAIR ? point.pairs + 1 : Math.ceil(point.pairs * GROWTH);
    }
    if (verdict !== undefined) return { points, verdict };
  }
  return { points };
}

const byStart = (left: TriedRun, right: TriedRun): number => left.startedAt - right.startedAt || (left.id < right.id ? -1 : 1);

function verdictAt(point: EvidencePoint, { metrics, alpha, minimumPairs, maximumPairs }: CanaryDeclaration): Assessment['verdict'] {
  const { pairs } = point;
  if (pairs < minimumPairs) return undefined;
  const harmful = point.metrics.find(({ harm }) => harm >= thresholds(metrics.length, alpha).harm);
  if (harmful !== undefined) return { verdict: 'roll-back', reason: `${harmful.metric}: ${shown(harmful.candidate)} against ${shown(harmful.incumbent)} after ${pairs} pairs; evidence of harm ${shown(Math.exp(harmful.harm))} reaches ${shown(metrics.length / alpha)}`, evidence: point };
  if (point.metrics.every(({ noHarm }) => noHarm >= thresholds(metrics.length, alpha).noHarm)) return { verdict: 'promote', reason: `no metric is worse by its margin: the evidence for each reaches ${shown(1 / alpha)} after ${pairs} pairs`, evidence: point };
  return pairs < maximumPairs ? undefined : { verdict: 'inconclusive', reason: `after ${pairs} pairs there is evidence neither of harm nor of none beyond the margins`, evidence: point };
}

/** Natural logarithms of the evidence at which a version is rolled back (any metric) or promoted (every metric). */
export function thresholds(metrics: number, alpha: number): { readonly harm: number; readonly noHarm: number } {
  return { harm: Math.log(metrics / alpha), noHarm: Math.log(1 / alpha) };
}

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
