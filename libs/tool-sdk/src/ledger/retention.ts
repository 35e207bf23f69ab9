import type { EffectOutcome, EffectRecord, ResolutionKind, ToolOutcome } from '@holdfast/contracts';
import type { Operation } from './operation.js';

/**
 * When a settled operation may be done again, in milliseconds since the Unix epoch; undefined for never. A doubt, and a
 * permission to retry, stay until somebody has settled them. `graceMs` covers the difference of the workers' clocks.
 */
export function expiryOf(outcome: ToolOutcome, word: ResolutionKind | undefined, { retentionMs }: Operation, now: number, graceMs: number): number | undefined {
  if (retentionMs === undefined || outcome.status === 'in-doubt' || word === 'retry') return undefined;
  return now + retentionMs + graceMs;
}

/** Judged by the record itself, since the broker forgets it some time later, and a store may keep it for good. */
export function hasExpired(record: EffectRecord, now: number): record is EffectOutcome {
  return record.kind === 'outcome' && record.expiresAt !== undefined && record.expiresAt <= now;
}
