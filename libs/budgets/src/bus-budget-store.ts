import { storedAfter, type Bus } from '@holdfast/bus';
import { BUDGETS_STREAM, HoldfastError, budgetEntries, type BudgetEntry } from '@holdfast/contracts';
import type { AppendedEntries, BudgetStore, StoredEntries } from './store.js';

/** The store on the stream BUDGETS. */
export class BusBudgetStore implements BudgetStore {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'getBatch'>) {}

  /** Throws `budget.corrupt` (not retryable, names the place) as well. */
  async readAfter(subject: string, sequence: number): Promise<readonly StoredEntries[]> {
    const found: StoredEntries[] = [];
    for await (const stored of storedAfter(this.bus, BUDGETS_STREAM, sequence, subject)) found.push({ entries: decodeEntries(stored.data, subject, stored.sequence), sequence: stored.sequence });
    return found;
  }

  /** Throws `bus.rejected` (not retryable). No message id: the fence says more than the broker's window for duplicates. */
  async append(subject: string, entries: readonly BudgetEntry[], expectedSequence: number, ttlMs: number): Promise<AppendedEntries> {
    const answer = await this.bus.publish(subject, JSON.stringify(entries), { expected: { sequence: expectedSequence }, ttlMs });
    if (answer.status === 'stored') return { status: 'stored', sequence: answer.sequence };
    return answer.status === 'conflict' ? { status: 'conflict' } : answer;
  }
}

/** Entries as a message of the stream holds them. Throws `budget.corrupt` (not retryable), which names the place. */
export function decodeEntries(data: Uint8Array, subject: string, sequence: number): readonly BudgetEntry[] {
  try {
    return budgetEntries.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch (cause) {
    throw new HoldfastError({ code: 'budget.corrupt', message: `The entries ${sequence} of the budget on "${subject}" cannot be read.`, retryable: false, remedy: 'Run the same release of all orchestrators; if they do, find out who wrote to the stream BUDGETS.', cause });
  }
}
