import type { BudgetEntry } from '@holdfast/contracts';

/** What one writer noted at once. */
export interface StoredEntries {
  readonly entries: readonly BudgetEntry[];
  readonly sequence: number;
}

/** Where the entries of accounts are kept: one subject for each window of an account, fenced by that subject's last sequence. */
export interface BudgetStore {
  /** Entries of the subject after a sequence, in order; what a stale reader misses, the fence of {@link append} finds. Throws `bus.unavailable` (retryable). */
  readAfter(subject: string, sequence: number): Promise<readonly StoredEntries[]>;
  /**
   * Appends all of them as one, where the subject's last are the expected ones; 0 means that there is none. `unknown`: it may be stored.
   * They are forgotten after `ttlMs` milliseconds.
   */
  append(subject: string, entries: readonly BudgetEntry[], expectedSequence: number, ttlMs: number): Promise<AppendedEntries>;
}

export type AppendedEntries = { readonly status: 'stored'; readonly sequence: number } | { readonly status: 'conflict' } | { readonly status: 'unknown'; readonly reason: string };
