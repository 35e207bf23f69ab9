import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Whether a connection is up, and who wants to know when it is up again. All share one status iterator: an iterator
 * that nobody reads any more stays with the connection until something happens to it.
 */
export class Reconnects {
  private readonly callbacks = new Set<() => void>();
  private up = true;

  /** `onLost` is told when a connection is lost, and `onError` of what the broker refuses. */
  constructor(connection: NatsConnection, private readonly onLost: () => void, private readonly onError: (error: unknown) => void) {
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

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'error') this.onError(status.error);
      if (status.type === 'disconnect') {
        this.up = false;
        this.onLost();
      }
      if (status.type !== 'reconnect') continue;
      this.up = true;
      for (const callback of [...this.callbacks]) callback();
    }
    // The connection was closed for good.
    this.up = false;
    this.onLost();
  }
}
