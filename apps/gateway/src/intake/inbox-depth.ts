import { HoldfastError, subjects } from '@holdfast/contracts';

/** How long a count is good for while tasks come, in milliseconds. */
const STALE_MS = 250;
/** Tenants whose counts are remembered. */
const TENANTS = 10_000;

export interface InboxLimits {
  /** Tasks of one tenant that may wait for the orchestrator. */
  readonly perTenant: number;
  /** Tasks that may wait in all. */
  readonly total: number;
}

/** A count of waiting tasks: as the broker last gave it, and what was put in since. */
interface Count {
  known: number;
  since: number;
  readAt: number;
}

/**
 * How many tasks wait in the inbox, so that a flood is turned away at the edge before it holds up everybody. What is known
 * is up to a quarter of a second old, with all that this gateway has put in since; several gateways may each overshoot by
 * what they take in within that time. Reading never holds up a task, and idle tenants cost nothing.
 */
export class InboxDepth {
  private readonly counts = new Map<string, Count>();

  /** `count`: how many messages of the inbox match a subject. It may reject; then the last count stands. */
  constructor(private readonly count: (filter: string) => Promise<number>, private readonly limits: InboxLimits, private readonly monotonic: () => number) {}

  /** Counts one more task in. Throws `task.tenant-busy` or `task.inbox-full` (both retryable) where it must wait. */
  admit(tenant: string): void {
    const [own, all] = [this.look(tenant), this.look('*')];
    if (own.known + own.since >= this.limits.perTenant) {
      throw new HoldfastError({ code: 'task.tenant-busy', message: `${this.limits.perTenant} tasks of this tenant wait already.`, retryable: true, remedy: 'Send the same task again a little later; it takes effect once.' });
    }
    if (all.known + all.since >= this.limits.total) {
      throw new HoldfastError({ code: 'task.inbox-full', message: `${this.limits.total} tasks wait already.`, retryable: true, remedy: 'Send the same task again later; if it lasts, add planners and orchestrators.' });
    }
    own.since += 1;
    all.since += 1;
  }

  /** The count of a tenant, which is read again in the background when it is old. */
  private look(tenant: string): Count {
    const known = this.counts.get(tenant) ?? { known: 0, since: 0, readAt: -Infinity };
    // The one that is asked for goes to the end, so that the first is the one that was idle for longest.
    this.counts.delete(tenant);
    this.counts.set(tenant, known);
    const [idle] = this.counts.size > TENANTS ? this.counts.keys() : [];
    if (idle !== undefined) this.counts.delete(idle);
    if (this.monotonic() - known.readAt >= STALE_MS) void this.read(tenant, known);
    return known;
  }

  private async read(tenant: string, into: Count): Promise<void> {
    const before = into.since;
    into.readAt = this.monotonic();
    try {
      into.known = await this.count(subjects.inboxTasks(tenant));
      into.since -= before;
    } catch {
      // The broker is away, of which the publish itself will tell.
    }
  }
}
