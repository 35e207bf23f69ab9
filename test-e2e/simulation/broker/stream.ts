import type { StreamDeclaration } from '@holdfast/contracts';
import { matches } from './subjects.ts';

/** A message in a stream of the twin. */
export interface Stored {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Taken out by the acknowledgement that a work queue waits for, or replaced by a newer message of its subject. */
  removed: boolean;
}

/** One stream: its messages by sequence, and how many of them a loss of power would leave. */
export class Stream {
  readonly declaration: StreamDeclaration;
  readonly messages: Stored[] = [];
  /** Message ids of the duplicate window, which lives in memory. */
  readonly recentIds = new Map<string, number>();
  private synced = 0;

  constructor(declaration: StreamDeclaration) {
    this.declaration = declaration;
  }

  get last(): number {
    return this.messages.length;
  }

  takes(subject: string): boolean {
    return this.declaration.subjects.some((filter) => matches(filter, subject));
  }

  append(subject: string, data: Uint8Array, headers: Readonly<Record<string, string>>): Stored {
    const kept = this.declaration.maximumPerSubject;
    if (kept === 1) for (const earlier of this.messages) if (earlier.subject === subject) earlier.removed = true;
    const stored: Stored = { subject, sequence: this.messages.length + 1, data, headers, removed: false };
    this.messages.push(stored);
    return stored;
  }

  at(sequence: number): Stored | undefined {
    const stored = this.messages[sequence - 1];
    return stored?.removed === false ? stored : undefined;
  }

  /** The last message that matches among the first `upTo`. */
  lastMatching(filter: string, upTo = this.messages.length): Stored | undefined {
    for (let at = Math.min(upTo, this.messages.length) - 1; at >= 0; at -= 1) {
      const stored = this.messages[at];
      if (stored !== undefined && !stored.removed && matches(filter, stored.subject)) return stored;
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
