import { LRUCache } from 'lru-cache';
import { HoldfastError } from '@holdfast/contracts';
import { HistoryError } from '@holdfast/run';

/**
 * What a failure of the processor means for the fact. `later`: something is away and will be back. `newer`: a later release
 * wrote the run, so the fact is kept until that release is here. `broken`: the run's history is at fault, and no try will
 * ever mend it. `unknown`: nobody foresaw it.
 */
export type FailureKind = 'later' | 'newer' | 'broken' | 'unknown';

const NEWER: readonly string[] = ['log.format-unknown', 'log.event-unknown'];

export function kindOf(error: unknown): FailureKind {
  if (error instanceof HistoryError) return 'broken';
  if (!(error instanceof HoldfastError)) return 'unknown';
  if (NEWER.includes(error.code)) return 'newer';
  if (error.retryable) return 'later';
  return error.code === 'log.corrupt' ? 'broken' : 'unknown';
}

/** What is told of a failure, in a letter or in a log. */
export function describe(error: unknown): { readonly code: string; readonly reason: string; readonly remedy: string } {
  if (error instanceof HoldfastError) return { code: error.code, reason: error.message, remedy: error.remedy };
  const code = error instanceof HistoryError ? error.code : 'fact.unprocessable';
  const remedy = error instanceof HistoryError ? 'Compare the run\'s history with a backup; other runs are not affected.' : 'Look at the log of the orchestrator for the defect; send the fact again once it is mended.';
  return { code, reason: error instanceof Error ? error.message : String(error), remedy };
}

/** So many times one process tries a fact that fails for an unknown reason, and so often it may be delivered in all. */
const MOST_FAILURES = 8;
const MOST_DELIVERIES = 256;
/** Facts whose failures are counted at once; when there are more, the oldest counts begin again. */
const COUNTED = 10_000;

/** Counts unknown failures of facts, so that none is tried for ever. */
export class FailureCount {
  /** Made with the first failure: most intakes never see one. */
  private failures: LRUCache<string, number> | undefined;

  /** True when the fact has had its chances. */
  add(fact: string, deliveries: number): boolean {
    this.failures ??= new LRUCache<string, number>({ max: COUNTED });
    const failures = (this.failures.get(fact) ?? 0) + 1;
    this.failures.set(fact, failures);
    return failures >= MOST_FAILURES || deliveries >= MOST_DELIVERIES;
  }
}
