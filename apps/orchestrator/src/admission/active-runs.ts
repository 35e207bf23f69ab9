import type { RunKey } from '@holdfast/contracts';

/**
 * The runs of one partition that our services owe something (a proposal, a verdict, an outcome), by tenant. Parked and ended
 * runs are none of them. After a crash the count begins at nothing and grows as facts come: a successor may begin up to the
 * limit too many, once.
 */
export class ActiveRuns {
  /** Told when there is room for more than before. */
  onRoom: () => void = () => undefined;
  private readonly runs = new Map<string, Set<string>>();
  /** Tasks that were let in and whose runs have not begun yet. */
  private readonly beginning = new Map<string, number>();
  private total = 0;

  constructor(private readonly limit: number) {}

  note({ tenant, runId }: RunKey, active: boolean): void {
    const runs = this.runs.get(tenant) ?? new Set();
    if (runs.has(runId) === active) return;
    if (active) this.runs.set(tenant, runs.add(runId));
    else if (runs.delete(runId) && runs.size === 0) this.runs.delete(tenant);
    this.count(active ? 1 : -1);
  }

  /**
   * There is room while the limit is not reached, and beyond it for a tenant that has less than its even share: so neither a
   * flood nor runs that hang for ever can keep another tenant out. All together stay below the limit times the harmonic
   * number of the tenants (2.1 for four, 5.2 for a hundred).
   */
  hasRoomFor(tenant: string): boolean {
    if (this.total < this.limit) return true;
    const tenants = new Set([...this.runs.keys(), ...this.beginning.keys(), tenant]).size;
    return this.of(tenant) < Math.floor(this.limit / tenants);
  }

  /** A task is let in; its run counts from now on. */
  enter(tenant: string): void {
    this.beginning.set(tenant, (this.beginning.get(tenant) ?? 0) + 1);
    this.count(1);
  }

  /** A task that was let in is done with: its run is noted, if there is one. */
  leave(tenant: string): void {
    const left = (this.beginning.get(tenant) ?? 0) - 1;
    if (left > 0) this.beginning.set(tenant, left);
    else this.beginning.delete(tenant);
    this.count(-1);
  }

  /** The partition is another's: nothing is known of its runs from now on. */
  forget(): void {
    for (const runs of this.runs.values()) this.total -= runs.size;
    this.runs.clear();
  }

  private of(tenant: string): number {
    return (this.runs.get(tenant)?.size ?? 0) + (this.beginning.get(tenant) ?? 0);
  }

  private count(change: 1 | -1): void {
    this.total += change;
    if (change < 0) this.onRoom();
  }
}
