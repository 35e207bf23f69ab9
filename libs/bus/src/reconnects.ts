import type { NatsConnection } from '@nats-io/transport-node';

/**
 * Whether a connection is up, and who wants to know when it is up again. All share one status iterator: an iterator
 * that nobody reads any more stays with the connection until something happens to it.
 */
export class Reconnects {
  private readonly callbacks = new Set<() => void>();
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

  private async follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') this.up = false;
      if (type !== 'reconnect') continue;
      this.up = true;
      for (const callback of [...this.callbacks]) callback();
    }
  }
}
