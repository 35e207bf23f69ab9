import type { Bus } from '@holdfast/bus';
import { BUDGETS_STREAM, HoldfastError, budgetEntry, type BudgetEntry } from '@holdfast/contracts';
import type { AppendedEntry, BudgetStore, StoredEntry } from './store.js';

/** Entries of one read; an account of more is read in several. */
const PAGE = 1_000;

/** The store on the stream BUDGETS. */
export class BusBudgetStore implements BudgetStore {
  constructor(private readonly bus: Pick<Bus, 'publish' | 'getBatch'>) {}

  /** Throws `budget.corrupt` (not retryable, names the place) as well. */
  async readAfter(subject: string, sequence: number): Promise<readonly StoredEntry[]> {
    const found: StoredEntry[] = [];
    for (;;) {
      const page = await this.bus.getBatch(BUDGETS_STREAM, (found.at(-1)?.sequence ?? sequence) + 1, PAGE, subject);
      found.push(...page.map((stored) => ({ entry: decodeEntry(stored.data, subject, stored.sequence), sequence: stored.sequence })));
      if (page.length < PAGE) return found;
    }
  }

  /** Throws `bus.rejected` (not retryable). No message id: the fence says more than the broker's window for duplicates. */
  async append(subject: string, entry: BudgetEntry, expectedSequence: number, ttlMs: number): Promise<AppendedEntry> {
    const answer = await this.bus.publish(subject, JSON.stringify(entry), { expected: { sequence: expectedSequence }, ttlMs });
    if (answer.status === 'stored') return { status: 'stored', sequence: answer.sequence };
    return answer.status === 'conflict' ? { status: 'conflict' } : answer;
  }
}

/** An entry as the stream holds it. Throws `budget.corrupt` (not retryable), which names the place. */
export function decodeEntry(data: Uint8Array, subject: string, sequence: number): BudgetEntry {
  try {
    return budgetEntry.parse(JSON.parse(new TextDecoder().decode(data)));
  } catch (cause) {
    throw new HoldfastError({ code: 'budget.corrupt', message: `The entry ${sequence} of the budget on "${subject}" cannot be read.`, retryable: false, remedy: 'Run the same release of all orchestrators; if they do, find out who wrote to the stream BUDGETS.', cause });
  }
}
