import { headers, type MsgHdrs } from '@nats-io/transport-node';

/** The headers of a scheduled message (NATS ADR-51), as the orchestrator arms a timer. */
export function schedule(dueAt: number, target: string): MsgHdrs {
  const head = headers();
  head.set('Nats-Schedule', `@at ${new Date(dueAt).toISOString()}`);
  head.set('Nats-Schedule-Target', target);
  return head;
}
