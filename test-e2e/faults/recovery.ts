import type { Strike } from './faults/fault.ts';
import type { Histories } from './promises/index.ts';

/** How long after a strike all runs that were being worked on had moved on, in milliseconds, as the log tells. */
export interface Recovery {
  readonly fault: string;
  readonly ms: number;
}

/**
 * A run is being worked on when its last commit before the strike is on route `plan` or `call`; it has moved on with its
 * next commit. A strike that met no such run tells nothing and is left out.
 */
export function recoveryTimes(strikes: readonly Strike[], runs: Histories): readonly Recovery[] {
  return strikes.flatMap(({ what, at }) => {
    const waits = [...runs.values()].flatMap((history) => {
      const next = history.findIndex(({ commit }) => commit.at > at);
      const last = (next === -1 ? history.at(-1) : history[next - 1])?.commit;
      if (last === undefined || !/^(?:plan|call\.)/.test(last.route)) return [];
      return [(history[next]?.commit.at ?? Number.POSITIVE_INFINITY) - at];
    });
    return waits.length === 0 ? [] : [{ fault: what.split(':')[0] ?? what, ms: Math.round(Math.max(...waits)) }];
  });
}

export interface RecoverySummary {
  readonly strikes: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

/** By fault; a run that never moved on is a broken promise of its own and is left out here. */
export function summarise(recoveries: readonly Recovery[]): Readonly<Record<string, RecoverySummary>> {
  const byFault = Map.groupBy(recoveries.filter(({ ms }) => Number.isFinite(ms)), ({ fault }) => fault);
  return Object.fromEntries([...byFault].sort(([one], [other]) => one.localeCompare(other)).map(([fault, all]) => {
    const sorted = all.map(({ ms }) => ms).sort((one, other) => one - other);
    return [fault, { strikes: sorted.length, minMs: sorted[0] ?? 0, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, maxMs: sorted.at(-1) ?? 0 }];
  }));
}
