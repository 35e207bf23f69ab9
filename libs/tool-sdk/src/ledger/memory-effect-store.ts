import { effectRecord, type EffectRecord } from '@holdfast/contracts';
import type { AppendAnswer, EffectStore, StoredEffect } from './effect-store.js';

/** The in-memory twin of the durable store. It copies what it is given, as a store on a network does. */
export class InMemoryEffectStore implements EffectStore {
  private readonly records = new Map<string, { readonly text: string; readonly sequence: number }[]>();
  /** One sequence for all subjects, as a stream has. */
  private sequence = 0;

  last(subject: string): Promise<StoredEffect | undefined> {
    const stored = this.records.get(subject)?.at(-1);
    return Promise.resolve(stored === undefined ? undefined : { record: effectRecord.parse(JSON.parse(stored.text)), sequence: stored.sequence });
  }

  append(subject: string, record: EffectRecord, expectedSequence: number): Promise<AppendAnswer> {
    const records = this.records.get(subject) ?? [];
    if ((records.at(-1)?.sequence ?? 0) !== expectedSequence) return Promise.resolve({ status: 'conflict' });
    this.sequence += 1;
    this.records.set(subject, [...records, { text: JSON.stringify(record), sequence: this.sequence }]);
    return Promise.resolve({ status: 'stored', sequence: this.sequence });
  }

  /** Everything ever stored under a subject, oldest first. */
  history(subject: string): readonly EffectRecord[] {
    return (this.records.get(subject) ?? []).map(({ text }) => effectRecord.parse(JSON.parse(text)));
  }

  /** Every subject that has a record. */
  subjects(): readonly string[] {
    return [...this.records.keys()];
  }
}
