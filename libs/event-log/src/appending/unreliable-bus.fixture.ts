import type { PublishAnswer, PublishOptions, StoredMessage } from '@holdfast/bus';
import type { LogBus } from '../index.js';

/**
 * What happens to one publish: `refused-in-flight` is code 10164, `request-lost` was never stored, `answer-lost` was, and
 * `late` reaches the stream only after a later message was handled.
 */
export type Fate = 'fine' | 'refused-in-flight' | 'request-lost' | 'answer-lost' | 'late';

interface Stored {
  readonly subject: string;
  readonly data: Uint8Array;
}

/** One stream in memory behind a connection on which messages are lost, late and answered from stale replicas; it counts. */
export class UnreliableBus implements LogBus {
  readonly stored: Stored[] = [];
  readonly fates: Fate[] = [];
  /** Reads that are answered as if the last message were not there yet. */
  staleReads = 0;
  readonly counted = { publishes: 0, reads: 0 };
  readonly filters = new Set<string>();
  /** While set, publishes wait for it. */
  hold: Promise<void> = Promise.resolve();
  private readonly late: (() => void)[] = [];

  async publish(subject: string, payload: Uint8Array | string, options: PublishOptions = {}): Promise<PublishAnswer> {
    this.counted.publishes += 1;
    if (options.expected?.filter !== undefined) this.filters.add(options.expected.filter);
    await this.hold;
    const fate = this.fates.shift() ?? 'fine';
    const data = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const store = (): PublishAnswer => this.store(subject, data, options);
    const unknown: PublishAnswer = { status: 'unknown', reason: 'time-out' };
    const earlier = this.late.splice(0);
    switch (fate) {
      case 'fine': {
        const answer = store();
        for (const arrive of earlier) arrive();
        return answer;
      }
      case 'refused-in-flight': return { status: 'conflict' };
      case 'request-lost': return unknown;
      case 'answer-lost': store(); return unknown;
      case 'late': this.late.push(store, ...earlier); return unknown;
    }
  }

  private store(subject: string, data: Uint8Array, { expected }: PublishOptions): PublishAnswer {
    const last = expected === undefined ? undefined : this.lastMatching(expected.filter ?? subject);
    if (expected !== undefined && (last ?? 0) !== expected.sequence) return { status: 'conflict', lastSequence: last ?? 0 };
    return { status: 'stored', sequence: this.stored.push({ subject, data }), duplicate: false };
  }

  private lastMatching(filter: string, end = this.stored.length): number | undefined {
    const prefix = filter.replace(/>$/, '');
    const index = this.stored.slice(0, end).findLastIndex(({ subject }) => (filter.endsWith('>') ? subject.startsWith(prefix) : subject === filter));
    return index < 0 ? undefined : index + 1;
  }

  private get visible(): number {
    if (this.staleReads <= 0) return this.stored.length;
    this.staleReads -= 1;
    return this.stored.length - 1;
  }

  async lastBySubject(_stream: string, filter: string): Promise<StoredMessage | undefined> {
    this.counted.reads += 1;
    return this.at(this.lastMatching(filter, this.visible));
  }

  async getBySequence(_stream: string, sequence: number): Promise<StoredMessage | undefined> {
    this.counted.reads += 1;
    return sequence > this.visible ? undefined : this.at(sequence);
  }

  async getBatch(_stream: string, sequence: number, batch: number): Promise<readonly StoredMessage[]> {
    return this.stored.slice(sequence - 1, sequence - 1 + batch).flatMap((_, index) => this.at(sequence + index) ?? []);
  }

  listen(): () => void {
    return () => undefined;
  }

  onReconnect(): () => void {
    return () => undefined;
  }

  private at(sequence: number | undefined): StoredMessage | undefined {
    const stored = sequence === undefined ? undefined : this.stored[sequence - 1];
    return stored === undefined || sequence === undefined ? undefined : { ...stored, sequence, header: () => undefined };
  }
}
