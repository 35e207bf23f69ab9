import type { Bus } from '@holdfast/bus';
import { HoldfastError, partitionOf, subjects, type FactOf, type InboxSource, type RunKey } from '@holdfast/contracts';
import { injectContext } from '@holdfast/observability';
import type { EventTrace } from './cloud-event.js';
import type { InboxDepth } from './inbox-depth.js';

export type FactPublisher = Pick<Bus, 'publish'>;

/** Brings facts to the orchestrator's durable inbox: the only thing that the gateway ever tells it. */
export class FactInbox {
  constructor(private readonly bus: FactPublisher, private readonly partitions: number, private readonly depth?: InboxDepth) {}

  /**
   * Stores a fact and resolves once the broker has it on disk. `duplicate` is true when the broker had it already.
   * Throws `gateway.not-stored` (retryable) when the broker did not confirm: the fact may be there or not, and because
   * it is folded once by its id, sending it again is safe. What begins a run may also be turned away; see {@link InboxDepth.admit}.
   * What people say to runs that exist never is.
   */
  async put(key: RunKey, fact: FactOf<InboxSource>, trace: EventTrace = {}): Promise<{ readonly duplicate: boolean }> {
    if (fact.kind === 'task' || fact.kind === 'fork') this.depth?.admit(key.tenant);
    const headers = new Map<string, string>(Object.entries(trace));
    // With tracing on, the active span's durable parent takes the place of the sender's trace, which that span links to.
    injectContext(headers);
    const subject = subjects.inbox(partitionOf(key, this.partitions), key, fact.kind);
    const answer = await this.bus.publish(subject, JSON.stringify(fact), { messageId: fact.id, headers: Object.fromEntries(headers) });
    if (answer.status === 'stored') return { duplicate: answer.duplicate };
    const reason = answer.status === 'unknown' ? answer.reason : 'another append is in flight';
    throw new HoldfastError({ code: 'gateway.not-stored', message: `The broker has not confirmed the fact: ${reason}.`, retryable: true, remedy: 'Send the same request again; it takes effect once.' });
  }
}
