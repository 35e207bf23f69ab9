import { HoldfastError } from '@holdfast/contracts';

interface Waiting {
  readonly enter: () => void;
  readonly giveUp: NodeJS.Timeout | undefined;
}

/**
 * Lets a bounded number of things happen at once. Whoever comes later waits, in order; when the queue is full or the wait
 * too long, the answer is `log.busy` (retryable): back-pressure instead of memory that grows.
 */
export class Gate {
  private inside = 0;
  private readonly queue: Waiting[] = [];

  constructor(private readonly what: string, private readonly capacity: number, private readonly maximumWaiting: number) {}

  /** Does the work in its turn. Throws `log.busy` when its turn does not come within `patienceMs`. */
  async pass<T>(work: () => Promise<T>, patienceMs = Infinity): Promise<T> {
    if (this.inside < this.capacity) this.inside += 1;
    else await this.turn(patienceMs);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private turn(patienceMs: number): Promise<void> {
    if (this.queue.length >= this.maximumWaiting) return Promise.reject(this.busy(`${this.queue.length} more wait already`));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: resolve,
        giveUp: patienceMs === Infinity ? undefined : setTimeout(() => {
          this.queue.splice(this.queue.indexOf(waiting), 1);
          reject(this.busy(`none of them ended within ${patienceMs} ms`));
        }, patienceMs),
      };
      this.queue.push(waiting);
    });
  }

  /** The place is handed over, so that nobody who comes at this moment slips in before the first of the queue. */
  private leave(): void {
    const next = this.queue.shift();
    if (next === undefined) {
      this.inside -= 1;
      return;
    }
    clearTimeout(next.giveUp);
    next.enter();
  }

  private busy(why: string): HoldfastError {
    return new HoldfastError({ code: 'log.busy', message: `The log has ${this.capacity} ${this.what} in hand, and ${why}.`, retryable: true, remedy: 'Try again later; if it lasts, look at the broker\'s disk or give the work to more processes.' });
  }
}
