import type { Violation } from '../invariants/violation.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { simulate, type Simulated, type SimulationOptions } from '../simulate.ts';

export const REPEATABLE = 'the same seed gives the same trace';

/** Runs a schedule twice: what it breaks, and whether both runs were the same to the last message. */
export async function judge(schedule: Schedule, options: SimulationOptions = {}): Promise<Simulated> {
  const once = await simulate(schedule, options);
  const again = await simulate(schedule, options);
  if (once.digest === again.digest) return once;
  const differing = once.lines.findIndex((line, at) => line !== again.lines[at]);
  const difference: Violation = { invariant: REPEATABLE, description: `${once.digest} and then ${again.digest}${differing < 0 ? '' : `; first at "${once.lines[differing]}" and "${again.lines[differing]}"`}` };
  return { ...once, violations: [...once.violations, difference] };
}
