import type { RunKey } from '@holdfast/contracts';

/** A run that nobody has told anything of for so long no longer counts, in milliseconds; with its next fact it does again. */
const SILENT_MS = 300_000;
/** How often a full count is looked through for silent runs, in milliseconds. */
const SWEEP_MS = 1_000;

/**
 * The runs of one partition that our services owe something (a proposal, a verdict, an outcome), by tenant. Parked and ended
 * runs are none of them. After a crash the count begins at nothing and grows as facts come: a successor may begin up to the
 * limit too many, once. A run that another process has moved on, or that hangs, leaves the count after a while.
 */
export class ActiveRuns {
  /** Told when there is room for more than before. */
  onRoom: () => void = () => undefined;
  /** By tenant: run ids, with when something was last heard of them. */
  private readonly runs = new Map<string, Map<string, number>>();
  /** Tasks that were let in and whose runs have not begun yet. */
  private readonly beginning = new Map<string, number>();
  private total = 0;
  private sweptAt = -Infinity;

  constructor(private readonly limit: number, private readonly monotonic: () => number) {}

  note({ tenant, runId }: RunKey, active: boolean): void {
    const runs = this.runs.get(tenant) ?? new Map<string, number>();
    const wasActive = runs.has(runId);
    if (active) this.runs.set(tenant, runs.set(runId, this.monotonic()));
    else if (runs.delete(runId) && runs.size === 0) this.runs.delete(tenant);
    if (wasActive !== active) this.count(active ? 1 : -1);
  }

  /**
   * There is room while the limit is not reached, and beyond it for a tenant that has less than its even share: so neither a
   * flood nor runs that hang for ever can keep another tenant out. All together stay below the limit times the harmonic
   * number of the tenants (2.1 for four, 5.2 for a hundred).
   */
  hasRoomFor(tenant: string): boolean {
    if (this.total < this.limit) return true;
    this.sweep();
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

  private sweep(): void {
    const now = this.monotonic();
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    for (const [tenant, runs] of this.runs) {
      for (const [runId, heardAt] of runs) if (now - heardAt > SILENT_MS && runs.delete(runId)) this.total -= 1;
      if (runs.size === 0) this.runs.delete(tenant);
    }
  }

  private of(tenant: string): number {
    return (this.runs.get(tenant)?.size ?? 0) + (this.beginning.get(tenant) ?? 0);
  }

  private count(change: 1 | -1): void {
    this.total += change;
    if (change < 0) this.onRoom();
  }
}
