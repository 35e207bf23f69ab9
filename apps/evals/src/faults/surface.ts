import { shareOf, type Share } from '../reporting/repeats.js';
import type { CaseResult } from '../reporting/report.js';
import { placeOf } from './cells.js';
import { FAMILIES, type Family } from './families.js';

/** What a family's cells with one number of faults came to. */
export interface SurfacePoint {
  readonly family: Family;
  readonly intensity: number;
  readonly cells: number;
  /** Of these, whose faults came too late to meet anything; they count for nothing below. */
  readonly void: number;
  /** Nothing was done twice, nothing that nobody wanted, and no run was lost. */
  readonly safe: Share;
  /** The task was done as if there had been no fault. */
  readonly solved: Share;
  /** Runs that waited for a person, by what for. */
  readonly held: Readonly<Record<string, number>>;
  /** Milliseconds, of the cells with a kill; absent without one. */
  readonly medianRecoveryMs?: number;
}

/**
 * Reliability over the intensity of faults, after ReliabilityBench's surface R(k, epsilon, lambda): lambda is the number of faults at
 * once, k the repeats (told by `pass^k`), and tasks are asked as they are written (epsilon is 0).
 */
export function surfaceOf(results: readonly CaseResult[]): readonly SurfacePoint[] {
  const placed = results.flatMap((result) => {
    const place = placeOf(result.name);
    return place === undefined ? [] : [{ ...place, result }];
  });
  const groups = [...Map.groupBy(placed, ({ family, intensity }) => `${FAMILIES.indexOf(family)} ${intensity}`)].sort(([a], [b]) => (a < b ? -1 : 1));
  return groups.map(([, group]) => {
    const [first] = group as [(typeof group)[number]];
    const shown = group.filter(({ result }) => result.void !== true);
    const recoveries = shown.flatMap(({ result }) => result.kills.flatMap(({ recoveryMs }) => (recoveryMs === undefined ? [] : [recoveryMs]))).sort((a, b) => a - b);
    const held = Map.groupBy(shown.filter(({ result }) => result.held !== undefined), ({ result }) => result.held ?? '');
    return {
      family: first.family, intensity: first.intensity, cells: group.length, void: group.length - shown.length,
      safe: shareOf(shown.map(({ result }) => Number(result.passed))),
      solved: shareOf(shown.map(({ result }) => Number(result.solved === true))),
      held: Object.fromEntries([...held].map(([what, those]) => [what, those.length])),
      ...(recoveries.length === 0 ? {} : { medianRecoveryMs: recoveries[Math.floor(recoveries.length / 2)] as number }),
    };
  });
}
