import type { AnswerTo } from '../api/answers.js';

export type Canary = AnswerTo<'/v1/canaries/{id}'>;
export type EvidencePoint = Canary['evidence'][number];
type Thresholds = Canary['thresholds'];

/** Which of the two claims a line bets against: `harm` against "no worse", `noHarm` against "worse by the margin or more". */
export type Claim = 'harm' | 'noHarm';
export const CLAIMS: readonly Claim[] = ['harm', 'noHarm'];

/** What is drawn of one metric, in units of the picture, whose origin is at its upper left. */
export interface Curve {
  readonly lines: Readonly<Record<Claim, string>>;
  /** The heights at which the evidence of each claim is enough. */
  readonly levels: Readonly<Record<Claim, number>>;
  /** The height at which nothing was won and nothing lost. */
  readonly even: number;
  readonly mostPairs: number;
}

/** Room above the higher threshold, as a part of it. */
const HEADROOM = 1.15;

/**
 * One metric's evidence by pairs, for a picture of `width` and `height`. Evidence is drawn as the logarithm that it is told as, so that
 * equal steps are equal factors. What lies further below even than the threshold lies above it is drawn at the lower edge: how much
 * was lost there decides nothing.
 */
export function curveOf(evidence: readonly EvidencePoint[], metric: string, { harm, noHarm }: Thresholds, { width, height }: { readonly width: number; readonly height: number }): Curve {
  const top = Math.max(harm, noHarm) * HEADROOM;
  const mostPairs = evidence.at(-1)?.pairs ?? 0;
  const heightOf = (value: number): number => rounded(((top - Math.min(top, Math.max(-top, value))) / (2 * top)) * height);
  const placeOf = (pairs: number): number => rounded(mostPairs === 0 ? 0 : (pairs / mostPairs) * width);
  const lineOf = (claim: Claim): string => [`M0 ${heightOf(0)}`, ...evidence.flatMap(({ pairs, metrics }) => metrics.filter((one) => one.metric === metric).map((one) => `L${placeOf(pairs)} ${heightOf(one[claim])}`))].join(' ');
  return { lines: { harm: lineOf('harm'), noHarm: lineOf('noHarm') }, levels: { harm: heightOf(harm), noHarm: heightOf(noHarm) }, even: heightOf(0), mostPairs };
}

/** How many times what was bet has grown, in three digits; what is beyond a million is said as that. */
export function timesOf(logarithm: number): string {
  const times = Math.exp(logarithm);
  if (times >= 1_000_000) return 'over a million';
  return times >= 100 ? times.toFixed(0) : times < 0.001 ? 'under 0.001' : String(Number(times.toPrecision(3)));
}

const rounded = (value: number): number => Math.round(value * 10) / 10;
