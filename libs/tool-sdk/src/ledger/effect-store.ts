import type { EffectRecord } from '@holdfast/contracts';

/** A record at its place in the ledger. */
export interface StoredEffect {
  readonly record: EffectRecord;
  /** Of the subject's last record; it rises, not necessarily by one. */
  readonly sequence: number;
}

/** `unknown`: it may or may not be stored, and only reading back can tell. */
export type AppendAnswer =
  | { readonly status: 'stored'; readonly sequence: number }
  | { readonly status: 'conflict' }
  | { readonly status: 'unknown'; readonly reason: string };

/**
 * Where claims and outcomes are kept: the last record of each operation's subject. What an append said was stored is
 * durable, and of two appends that expect the same sequence at most one is stored. A record is forgotten some time after
 * its `expiresAt`, never before, and never without one; then the subject is as if nobody had written to it.
 * Both methods may throw a retryable HoldfastError while the store cannot be reached.
 */
export interface EffectStore {
  /** The subject's last record; undefined when there is none. */
  last(subject: string): Promise<StoredEffect | undefined>;
  /** Appends when the subject's last sequence is exactly the expected one; 0 expects that there is no record yet. */
  append(subject: string, record: EffectRecord, expectedSequence: number): Promise<AppendAnswer>;
}
