import type { StreamDeclaration } from '@holdfast/contracts';
import { matches } from './subjects.ts';

/** A message in a stream of the twin. */
export interface Stored {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Taken out by the acknowledgement that a work queue waits for, or by a schedule. */
  removed: boolean;
  /** The sequence of the newer message of its subject that took its place; for a reader who is behind that is not there yet. */
  replacedBy?: number;
  /** When it is forgotten (NATS ADR-43), in milliseconds since the Unix epoch. */
  readonly expiresAt?: number | undefined;
}

/** One stream: its messages by sequence, and how many of them a loss of power would leave. */
export class Stream {
  readonly declaration: StreamDeclaration;
  readonly messages: Stored[] = [];
  /** Message ids of the duplicate window, which lives in memory. */
  readonly recentIds = new Map<string, number>();
  private synced = 0;

  private readonly now: () => number;

  constructor(declaration: StreamDeclaration, now: () => number) {
    this.declaration = declaration;
    this.now = now;
  }

  get last(): number {
    return this.messages.length;
  }

  takes(subject: string): boolean {
    return this.declaration.subjects.some((filter) => matches(filter, subject));
  }

  append(subject: string, data: Uint8Array, headers: Readonly<Record<string, string>>, ttlMs?: number): Stored {
    const sequence = this.messages.length + 1;
    if (this.declaration.maximumPerSubject === 1) for (const earlier of this.messages) if (earlier.subject === subject && this.isThere(earlier)) earlier.replacedBy = sequence;
    const stored: Stored = { subject, sequence, data, headers, removed: false, expiresAt: ttlMs === undefined ? undefined : this.now() + ttlMs };
    this.messages.push(stored);
    return stored;
  }

  at(sequence: number): Stored | undefined {
    const stored = this.messages[sequence - 1];
    return stored !== undefined && this.isThere(stored) ? stored : undefined;
  }

  /** Whether a reader finds the message who knows the first `upTo`; a loss of power brings back what the lost ones had replaced. */
  isThere(stored: Stored, upTo = this.messages.length): boolean {
    return !stored.removed && (stored.replacedBy === undefined || stored.replacedBy > upTo) && (stored.expiresAt === undefined || stored.expiresAt > this.now());
  }

  /** The last message that matches among the first `upTo`. */
  lastMatching(filter: string, upTo = this.messages.length): Stored | undefined {
    for (let at = Math.min(upTo, this.messages.length) - 1; at >= 0; at -= 1) {
      const stored = this.messages[at];
      if (stored !== undefined && matches(filter, stored.subject) && this.isThere(stored, upTo)) return stored;
    }
    return undefined;
  }

  /** Everything stored so far is on disk. */
  sync(): void {
    this.synced = this.messages.length;
  }

  /** What was not on disk is gone, and so is what lived in memory. */
  losePower(): void {
    this.messages.length = Math.min(this.messages.length, this.synced);
    this.recentIds.clear();
  }
}
