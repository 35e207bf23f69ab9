import type { Writable } from 'node:stream';

export interface EventStreamOptions {
  /** Milliseconds between comments that keep proxies from closing an idle stream. */
  readonly heartbeatMs: number;
  /** Milliseconds that a client may leave its buffer full before it is dropped. */
  readonly patienceMs: number;
}

export interface OutgoingEvent {
  readonly id?: string;
  readonly event: string;
  /** JSON, which never holds a line break. */
  readonly data: unknown;
}

/**
 * Writes server-sent events (WHATWG HTML, section 9.2). It writes only while the client keeps up: at most one event is
 * buffered beyond the socket's own limit, the writer waits until the buffer has drained, and a client that takes longer
 * than the patience is dropped. It can come back with the last id it has seen.
 */
export class EventStream {
  private readonly heartbeat: NodeJS.Timeout;
  private readonly closeListeners = new Set<() => void>();
  private draining = false;
  private open = true;
  private dropped = false;

  constructor(private readonly output: Writable, private readonly options: EventStreamOptions) {
    this.heartbeat = setInterval(() => {
      if (this.open && !this.draining) this.output.write(': heartbeat\n\n');
    }, options.heartbeatMs);
    output.once('close', () => this.closed());
    output.on('error', () => this.closed());
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** True when the stream is over because the client left its buffer full for too long. */
  get wasDropped(): boolean {
    return this.dropped;
  }

  /** Bytes that were written and that the client's socket has not taken yet. */
  get bufferedBytes(): number {
    return this.output.writableLength;
  }

  /** Calls back once when the stream is over, whoever ended it. */
  onClose(listener: () => void): void {
    if (this.open) this.closeListeners.add(listener);
    else listener();
  }

  /** Writes an event and resolves when the next may be written; false when the stream is over. */
  async send({ id, event, data }: OutgoingEvent): Promise<boolean> {
    if (!this.open) return false;
    const written = this.output.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    return written || this.drained();
  }

  /** Ends the stream after what has been written. */
  end(): void {
    if (!this.open) return;
    this.closed();
    this.output.end();
  }

  private drained(): Promise<boolean> {
    this.draining = true;
    return new Promise((resolve) => {
      const settle = (isDrained: boolean): void => {
        clearTimeout(patience);
        this.output.off('drain', onDrain);
        this.closeListeners.delete(onClose);
        this.draining = false;
        resolve(isDrained);
      };
      const onDrain = (): void => settle(true);
      const onClose = (): void => settle(false);
      const patience = setTimeout(() => {
        this.dropped = true;
        this.output.destroy();
        this.closed();
      }, this.options.patienceMs);
      this.output.once('drain', onDrain);
      this.onClose(onClose);
    });
  }

  private closed(): void {
    if (!this.open) return;
    this.open = false;
    clearInterval(this.heartbeat);
    for (const listener of [...this.closeListeners]) listener();
    this.closeListeners.clear();
  }
}
