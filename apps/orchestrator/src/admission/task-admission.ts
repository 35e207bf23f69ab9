import type { ActiveRuns } from './active-runs.js';

/** `closed`: the partition is another's now. Otherwise, when to look at the task again, so that others behind it are seen. */
export type Admitted = 'now' | 'closed' | { readonly laterMs: number };

const LOOK_MS = 1_000;

type Wake = (admitted: 'now' | 'closed') => void;

/**
 * Decides when a task may begin its run: at once while the services keep up. When they do not, tasks wait in hand, and tenants
 * take turns. Those who wait fill at most half of the places: all others go back to the queue for a while, so that tasks
 * behind them come up, whose tenants may have room. Runs that have begun are never held up here.
 */
export class TaskAdmission {
  /** Who waits, by tenant; the tenant whose turn is next comes first. */
  private readonly waiting = new Map<string, readonly Wake[]>();
  private readonly returns: Returns;
  private inWait = 0;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly active: ActiveRuns, private readonly places: number, private readonly monotonic: () => number, private readonly random: () => number = Math.random) {
    this.returns = new Returns(monotonic());
    active.onRoom = () => this.admitWaiting();
  }

  /** Whoever is let in calls {@link leave} once, when its task is done with. */
  async enter(tenant: string): Promise<Admitted> {
    if (this.closed) return 'closed';
    this.returns.adjust(this.monotonic());
    this.admitWaiting();
    const queue = this.waiting.get(tenant) ?? [];
    if (queue.length === 0 && this.active.hasRoomFor(tenant)) {
      this.letIn(tenant);
      return 'now';
    }
    if (this.inWait >= Math.max(1, this.places / 2)) {
      this.returns.sentBack += 1;
      return { laterMs: this.returns.delayMs * (0.5 + this.random()) };
    }
    this.inWait += 1;
    this.look();
    return new Promise((resolve) => this.waiting.set(tenant, [...queue, resolve]));
  }

  leave(tenant: string): void {
    this.active.leave(tenant);
  }

  /** Everybody who waits is sent back. */
  close(): void {
    this.closed = true;
    this.active.onRoom = () => undefined;
    clearTimeout(this.timer);
    for (const wake of [...this.waiting.values()].flat()) wake('closed');
    this.waiting.clear();
  }

  /** Room can also come by mere time, when silent runs no longer count. */
  private look(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.admitWaiting();
      if (this.inWait > 0) this.look();
    }, LOOK_MS).unref();
  }

  /** One of each tenant by turns, as long as there is room for any. */
  private admitWaiting(): void {
    for (let tenant = this.nextWithRoom(); tenant !== undefined; tenant = this.nextWithRoom()) {
      const [wake, ...rest] = this.waiting.get(tenant) ?? [];
      this.inWait -= 1;
      this.waiting.delete(tenant);
      if (rest.length > 0) this.waiting.set(tenant, rest);
      this.letIn(tenant);
      wake?.('now');
    }
  }

  private nextWithRoom(): string | undefined {
    return [...this.waiting.keys()].find((tenant) => this.active.hasRoomFor(tenant));
  }

  private letIn(tenant: string): void {
    this.returns.admitted += 1;
    this.active.enter(tenant);
  }
}

const SHORTEST_MS = 100;
const LONGEST_MS = 3_000;
const WINDOW_MS = 100;

/**
 * How long a task stays away that was sent back: measured so that about twice as many come back as may begin. Fewer would
 * leave places empty, and more would be work for nothing.
 */
class Returns {
  delayMs = 1_000;
  admitted = 0;
  sentBack = 0;

  constructor(private since: number) {}

  adjust(now: number): void {
    if (now - this.since < WINDOW_MS) return;
    const factor = this.sentBack > 2 * this.admitted ? 1.2 : 0.8;
    this.delayMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, this.delayMs * factor));
    [this.admitted, this.sentBack, this.since] = [0, 0, now];
  }
}
