import { effectRecord, type EffectRecord } from '@holdfast/contracts';
import type { AppendAnswer, EffectStore, StoredEffect } from './effect-store.js';
import { hasExpired } from './retention.js';

/**
 * The in-memory twin of the durable store. It copies what it is given, as a store on a network does, and forgets a record
 * as soon as that expires by its own clock (milliseconds since the Unix epoch).
 */
export class InMemoryEffectStore implements EffectStore {
  private readonly records = new Map<string, { readonly text: string; readonly sequence: number }[]>();
  /** One sequence for all subjects, as a stream has. */
  private sequence = 0;

  constructor(private readonly now: () => number = Date.now) {}

  last(subject: string): Promise<StoredEffect | undefined> {
    return Promise.resolve(this.lastOf(subject));
  }

  append(subject: string, record: EffectRecord, expectedSequence: number): Promise<AppendAnswer> {
    if ((this.lastOf(subject)?.sequence ?? 0) !== expectedSequence) return Promise.resolve({ status: 'conflict' });
    this.sequence += 1;
    this.records.set(subject, [...(this.records.get(subject) ?? []), { text: JSON.stringify(record), sequence: this.sequence }]);
    return Promise.resolve({ status: 'stored', sequence: this.sequence });
  }

  /** Everything ever stored under a subject, oldest first, also what is forgotten. */
  history(subject: string): readonly EffectRecord[] {
    return (this.records.get(subject) ?? []).map(({ text }) => effectRecord.parse(JSON.parse(text)));
  }

  /** Every subject that has had a record. */
  subjects(): readonly string[] {
    return [...this.records.keys()];
  }

  private lastOf(subject: string): StoredEffect | undefined {
    const stored = this.records.get(subject)?.at(-1);
    if (stored === undefined) return undefined;
    const record = effectRecord.parse(JSON.parse(stored.text));
    return hasExpired(record, this.now()) ? undefined : { record, sequence: stored.sequence };
  }
}
