import type { BudgetEntry } from '@holdfast/contracts';
import type { AppendedEntry, BudgetStore, StoredEntry } from './store.js';

/** The store's twin in memory, which forgets nothing: no test outlives a window. */
export class MemoryBudgetStore implements BudgetStore {
  private readonly subjects = new Map<string, StoredEntry[]>();
  private last = 0;

  async readAfter(subject: string, sequence: number): Promise<readonly StoredEntry[]> {
    return (this.subjects.get(subject) ?? []).filter((stored) => stored.sequence > sequence);
  }

  async append(subject: string, entry: BudgetEntry, expectedSequence: number): Promise<AppendedEntry> {
    const entries = this.subjects.get(subject) ?? [];
    if ((entries.at(-1)?.sequence ?? 0) !== expectedSequence) return { status: 'conflict' };
    this.last += 1;
    this.subjects.set(subject, [...entries, { entry, sequence: this.last }]);
    return { status: 'stored', sequence: this.last };
  }
}
