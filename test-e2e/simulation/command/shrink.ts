import fc from 'fast-check';
import { schedules } from '../schedule/arbitrary.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { SimulationOptions } from '../simulate.ts';
import { judge } from './judge.ts';

export interface Shrunk {
  readonly schedule: Schedule;
  /** Where fast-check finds it again from the same seed. */
  readonly path: string;
  /** Schedules that were tried. */
  readonly tried: number;
}

/** The least schedule that still breaks the same promise, as far as fast-check gets within the time. */
export async function shrink(seed: number, invariant: string, options: SimulationOptions, limitMs: number): Promise<Shrunk | undefined> {
  let tried = 0;
  const property = fc.asyncProperty(schedules, async (schedule) => {
    // fast-check's own time limit needs the event loop to turn, which a schedule never lets it.
    await new Promise((resolve) => setImmediate(resolve));
    tried += 1;
    return !(await judge(schedule, options)).violations.some((violation) => violation.invariant === invariant);
  });
  const outcome = await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: limitMs });
  const schedule = outcome.counterexample?.[0];
  return schedule === undefined || outcome.counterexamplePath === null ? undefined : { schedule, path: outcome.counterexamplePath, tried };
}
