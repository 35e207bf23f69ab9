import type { LeaseRecord, LeaseSnapshot, LeaseStore, MemberRecord, TakeResult } from './lease-store.js';

/** The twin of the bucket for specifications and simulation. Several orchestrators share one. */
export class MemoryLeaseStore implements LeaseStore {
  private readonly members = new Map<string, MemberRecord>();
  private readonly leases = new Map<number, LeaseRecord>();
  /** Members whose processes are connected; whoever is not listed does not answer. */
  readonly connected = new Set<string>();
  private sequence = 0;

  async read(): Promise<LeaseSnapshot> {
    return { members: [...this.members.values()], leases: new Map(this.leases) };
  }

  async beat(member: string, leaving: boolean): Promise<void> {
    this.members.set(member, { member, leaving, sequence: (this.sequence += 1), storedAt: Date.now() });
  }

  async take(partition: number, owner: string | undefined, after: number): Promise<TakeResult> {
    if ((this.leases.get(partition)?.sequence ?? 0) !== after) return { status: 'conflict' };
    this.leases.set(partition, { owner, sequence: (this.sequence += 1) });
    return { status: 'set', sequence: this.sequence };
  }

  /** What the bucket does to a record that nobody renewed for an hour. */
  expire(partition: number): void {
    this.leases.delete(partition);
  }

  async probe(member: string): Promise<'somebody' | 'nobody' | 'unknown'> {
    return this.connected.has(member) ? 'somebody' : 'nobody';
  }
}
