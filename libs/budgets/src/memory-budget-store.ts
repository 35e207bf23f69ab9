import type { BudgetEntry } from '@holdfast/contracts';
import type { AppendedEntries, BudgetStore, StoredEntries } from './store.js';

/** The store's twin in memory, which forgets nothing: no test outlives a window. */
export class MemoryBudgetStore implements BudgetStore {
  private readonly subjects = new Map<string, StoredEntries[]>();
  private last = 0;

  async readAfter(subject: string, sequence: number): Promise<readonly StoredEntries[]> {
    return (this.subjects.get(subject) ?? []).filter((stored) => stored.sequence > sequence);
  }

  async append(subject: string, entries: readonly BudgetEntry[], expectedSequence: number): Promise<AppendedEntries> {
    const before = this.subjects.get(subject) ?? [];
    if ((before.at(-1)?.sequence ?? 0) !== expectedSequence) return { status: 'conflict' };
    this.last += 1;
    this.subjects.set(subject, [...before, { entries, sequence: this.last }]);
    return { status: 'stored', sequence: this.last };
  }
}
