import type { NatsConnection } from '@nats-io/transport-node';

/** Whatever can be asked by request and reply. */
export type Asker = Pick<NatsConnection, 'request'>;

/**
 * Whether a connection is up, and who wants to know when it is up again. All share one status iterator: an iterator
 * that nobody reads any more stays with the connection until something happens to it.
 */
export class Reconnects {
  private readonly callbacks = new Set<() => void>();
  private readonly waiting = new Set<() => void>();
  private up = true;

  constructor(connection: NatsConnection) {
    void this.follow(connection);
  }

  /** False from the moment the loss of the connection is noticed until it is there again. */
  get isUp(): boolean {
    return this.up;
  }

  /** Calls back after every reconnect. Returns how to stop. */
  add(callback: () => void): () => void {
    const entry = (): void => callback();
    this.callbacks.add(entry);
    return () => void this.callbacks.delete(entry);
  }

  /** Resolves at once while the connection is up, else when it is there again; rejects after `patienceMs`. */
  whenUp(patienceMs: number): Promise<void> {
    if (this.up) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        forget();
        reject(new Error(`the broker was away for ${patienceMs} ms`));
      }, patienceMs);
      const forget = this.add(() => {
        forget();
        clearTimeout(late);
        resolve();
      });
    });
  }

  /**
   * Waits for an answer, but not beyond the loss of the connection: an answer that was under way then never comes, and
   * waiting for its time-out would cost seconds of every recovery.
   */
  untilLost<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const lose = (): void => reject(new Error('the connection was lost before the answer came'));
      this.waiting.add(lose);
      void answer.then(resolve, reject).finally(() => this.waiting.delete(lose));
    });
  }

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        this.up = false;
        for (const lose of [...this.waiting]) lose();
      }
      if (type !== 'reconnect') continue;
      this.up = true;
      for (const callback of [...this.callbacks]) callback();
    }
  }
}
