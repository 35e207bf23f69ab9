/** A look that took longer than this says too little about when the broker wrote its time. */
const LONGEST_LOOK_MS = 250;

/**
 * The broker's time, carried on by our own monotonic clock. Deadlines are judged by the broker, which delivers timers, so
 * what is due is reckoned in its time too: a pod whose wall clock is hours off, or jumps, sets the same deadlines as all
 * others. Until the broker has been heard, the wall clock has to do.
 */
export class BrokerClock {
  /** The broker's time at the origin of the monotonic clock, in milliseconds since the epoch. */
  private origin: number | undefined;

  constructor(private readonly monotonic: () => number, private readonly wall: () => number) {}

  /** The broker stored something at `storedAt` (its time) that was sent and confirmed at these instants of our monotonic clock. */
  observe(storedAt: number, sentAt: number, confirmedAt: number): void {
    if (this.origin !== undefined && confirmedAt - sentAt > LONGEST_LOOK_MS) return;
    this.origin = storedAt - (sentAt + confirmedAt) / 2;
  }

  /** Whole milliseconds since the epoch. */
  now(): number {
    return Math.round(this.origin === undefined ? this.wall() : this.origin + this.monotonic());
  }
}
