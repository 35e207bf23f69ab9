import { median } from '../../suite/statistics.ts';

/**
 * Milliseconds of several ways of doing a thing, medians of `count` times each, in turn: whatever else the machine does
 * meanwhile falls on all of them. Some rounds before are not counted.
 */
export async function mediansInTurn<Way extends string>(count: number, ways: Readonly<Record<Way, (round: number) => Promise<unknown>>>): Promise<Readonly<Record<Way, number>>> {
  const names = Object.keys(ways) as Way[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Way, number[]>;
  const unCounted = Math.ceil(count / 5);
  for (let round = 0; round < count + unCounted; round += 1) {
    for (const name of names) {
      const started = performance.now();
      await ways[name](round);
      if (round >= unCounted) times[name].push(performance.now() - started);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Way, number>;
}

/** {@link mediansInTurn} of what is measured and its bare floor. */
export function inTurn(count: number, value: (round: number) => Promise<unknown>, floor: (round: number) => Promise<unknown>): Promise<{ readonly value: number; readonly floor: number }> {
  return mediansInTurn(count, { value, floor });
}
