import type { EventLog } from '@holdfast/event-log';
import type { RunKey } from '@holdfast/contracts';
import type { ArmTimer } from '../runs/run-processor.js';
import { findOpenRuns } from './open-runs.js';

/** Timers that are armed at once: enough to keep the broker busy, few enough for it to answer in time. */
const AT_ONCE = 256;

export interface RebuiltTimers {
  /** Runs that are not ended. */
  readonly open: number;
  readonly armed: number;
  /** Runs whose history cannot be folded; their timers are not armed. */
  readonly broken: readonly RunKey[];
}

/**
 * Arms every timer that the log holds as set and not fired. For an administrator after a stream of timers was lost; services
 * never need it, since timers are durable. It may be run while services work, and again: a timer that is armed twice is one,
 * and one that fires late is folded as nothing. Throws `log.unavailable` or `timer.unavailable` (retryable).
 */
export async function rebuildTimers(log: EventLog, armTimer: ArmTimer): Promise<RebuiltTimers> {
  let [open, armed] = [0, 0];
  const broken: RunKey[] = [];
  for (let partition = 0; partition < log.partitions; partition += 1) {
    const found = await findOpenRuns(log, partition);
    const timers = found.open.flatMap(({ key, state }) => Object.entries(state.timers).map(([timerId, dueAt]) => ({ key, timerId, dueAt })));
    for (let from = 0; from < timers.length; from += AT_ONCE) {
      await Promise.all(timers.slice(from, from + AT_ONCE).map(({ key, timerId, dueAt }) => armTimer(key, timerId, dueAt)));
    }
    open += found.open.length;
    armed += timers.length;
    broken.push(...found.broken.map(({ key }) => key));
  }
  return { open, armed, broken };
}
