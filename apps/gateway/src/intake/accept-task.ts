import { createHash } from 'node:crypto';
import type { RunId, TaskEvent } from '@holdfast/contracts';
import { ATTRIBUTE, SPAN, runTraceparent, withWorkSpan } from '@holdfast/observability';
import type { EventTrace } from './cloud-event.js';
import type { FactInbox } from './fact-inbox.js';
import { runIdOf, taskFactId } from './run-id.js';

/** What a fact's `requester` may hold. */
const MAXIMUM_REQUESTER = 256;

export interface OfferedTask {
  readonly tenant: string;
  readonly event: TaskEvent;
  /** Who asks: an API key's name, or `source:` and the event's source, which is what somebody wrote and authenticates nobody. */
  readonly requester: string;
  /** What policies know them as; nothing is known of who publishes on the bus. */
  readonly requesterRoles?: readonly string[];
  readonly trace: EventTrace;
}

/** Makes a task event a durable fact of its run. Throws `gateway.not-stored` (retryable); repeating it is harmless. */
export async function acceptTask(inbox: FactInbox, task: OfferedTask): Promise<{ readonly runId: RunId; readonly duplicate: boolean }> {
  const { tenant, event } = task;
  const runId = runIdOf(tenant, event.source, event.id);
  const attributes = { [ATTRIBUTE.tenant]: tenant, [ATTRIBUTE.runId]: runId };
  // The span belongs to the run's own trace, whose root the orchestrator exports; the sender's trace is linked to.
  const parent = { traceparent: runTraceparent(tenant, runId), caller: task.trace?.traceparent };
  return withWorkSpan({ name: `${SPAN.run} intake`, kind: 'producer', parent, attributes }, async () => {
    const { duplicate } = await inbox.put({ tenant, runId }, { kind: 'task', id: taskFactId(runId, event), event, requester: fitting(task.requester), ...(task.requesterRoles === undefined ? {} : { requesterRoles: [...task.requesterRoles] }) }, task.trace);
    return { runId, duplicate };
  });
}

/** Two long names that begin alike stay two. */
function fitting(requester: string): string {
  if (requester.length <= MAXIMUM_REQUESTER) return requester;
  const digest = createHash('sha256').update(requester).digest('hex');
  return `${requester.slice(0, MAXIMUM_REQUESTER - digest.length - 1)}#${digest}`;
}
