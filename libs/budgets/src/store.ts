import type { BudgetEntry } from '@holdfast/contracts';

export interface StoredEntry {
  readonly entry: BudgetEntry;
  readonly sequence: number;
}

/** Where the entries of accounts are kept: one subject for each window of an account, fenced by that subject's last sequence. */
export interface BudgetStore {
  /** Entries of the subject after a sequence, in order; what a stale reader misses, the fence of {@link append} finds. Throws `bus.unavailable` (retryable). */
  readAfter(subject: string, sequence: number): Promise<readonly StoredEntry[]>;
  /**
   * Appends where the subject's last entry is the expected one; 0 means that there is none. `unknown`: it may be stored.
   * It is forgotten after `ttlMs` milliseconds.
   */
  append(subject: string, entry: BudgetEntry, expectedSequence: number, ttlMs: number): Promise<AppendedEntry>;
}

export type AppendedEntry = { readonly status: 'stored'; readonly sequence: number } | { readonly status: 'conflict' } | { readonly status: 'unknown'; readonly reason: string };
