import type { Bus } from '@holdfast/bus';
import { HoldfastError, partitionOf, subjects, timersStream, type RunKey } from '@holdfast/contracts';

/**
 * A due date this far away is "never". The broker counts nanoseconds in 64 bits, which end on 11 April 2262: what is due
 * later, it takes for long past and delivers at once.
 */
const LATEST = Date.UTC(2262, 0, 1);

/**
 * Arms a timer as a scheduled message (NATS ADR-51). One subject a timer, so arming it again replaces it; what is due
 * arrives on the timer's due subject, at least once, and is folded at most once.
 */
export async function armTimer(bus: Pick<Bus, 'publish'>, partitions: number, key: RunKey, timerId: string, dueAt: number): Promise<void> {
  const partition = partitionOf(key, partitions);
  const answer = await bus.publish(subjects.timerSet(partition, key, timerId), JSON.stringify({ timerId, dueAt }), {
    headers: {
      'Nats-Schedule': `@at ${new Date(Math.min(dueAt, LATEST)).toISOString()}`,
      'Nats-Schedule-Target': subjects.timerDue(partition, key, timerId),
    },
  });
  if (answer.status !== 'stored') {
    throw new HoldfastError({ code: 'timer.unavailable', message: `Timer ${timerId} of run ${key.tenant}/${key.runId} could not be set.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and the streams TIMERS-<partition>.' });
  }
}

/**
 * Takes a timer back for good, unless it was armed again for another instant or has fired. The cancellation is a message
 * of its own that names the schedule; the fence makes it miss a schedule that came after the one which was looked at.
 * True when the schedule is gone. Throws a retryable HoldfastError while the broker does not answer.
 */
export async function cancelTimer(bus: Pick<Bus, 'publish' | 'lastBySubject'>, partitions: number, key: RunKey, timerId: string, dueAt: number): Promise<boolean> {
  const partition = partitionOf(key, partitions);
  const schedule = subjects.timerSet(partition, key, timerId);
  const armed = await bus.lastBySubject(timersStream(partition), schedule);
  if (armed === undefined || armed.header('Nats-Schedule') === undefined) return true;
  if ((JSON.parse(new TextDecoder().decode(armed.data)) as { readonly dueAt?: number }).dueAt !== dueAt) return false;
  const answer = await bus.publish(subjects.timersCancelled(partition), '', {
    headers: { 'Nats-Scheduler': schedule, 'Nats-Schedule-Next': 'purge' },
    expected: { sequence: armed.sequence, filter: schedule },
  });
  return answer.status === 'stored';
}
