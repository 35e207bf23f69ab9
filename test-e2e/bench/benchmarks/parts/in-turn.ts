import { median } from '../../suite/statistics.ts';

/**
 * Milliseconds of two ways of doing a thing, medians of `count` times each, in turn: whatever else the machine does
 * meanwhile falls on both. Some rounds before are not counted.
 */
export async function inTurn(count: number, measured: (round: number) => Promise<unknown>, bare: (round: number) => Promise<unknown>): Promise<{ readonly value: number; readonly floor: number }> {
  const times: { readonly measured: number[]; readonly bare: number[] } = { measured: [], bare: [] };
  const unCounted = Math.ceil(count / 5);
  for (let round = 0; round < count + unCounted; round += 1) {
    const started = performance.now();
    await measured(round);
    const between = performance.now();
    await bare(round);
    if (round < unCounted) continue;
    times.measured.push(between - started);
    times.bare.push(performance.now() - between);
  }
  return { value: median(times.measured), floor: median(times.bare) };
}
