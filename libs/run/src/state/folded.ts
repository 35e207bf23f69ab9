import type { Cause } from '@holdfast/contracts';

/**
 * Ids of facts that a run has folded, so that what comes again is known for a duplicate.
 *
 * Memory is the only guard of what people say (signals, controls and words about doubts): nothing in the state tells a second "resume" from
 * the first. Their last {@link TOLD_KEPT} ids are kept, so a duplicate is recognised until as many newer ones have been
 * folded. Every other fact is guarded by what it answers (a proposal by its plan commit, an outcome by its open call, an
 * approval or timer by being open or set, a task by its content), however late it comes; for those the last
 * {@link RECENT_KEPT} ids only serve to say "duplicate" rather than "stale".
 */
export interface Folded {
  readonly told: readonly string[];
  readonly recent: readonly string[];
}

export const TOLD_KEPT = 256;
export const RECENT_KEPT = 16;

export const nothingFolded: Folded = { told: [], recent: [] };

export function isFolded(folded: Folded, factId: string): boolean {
  return folded.recent.includes(factId) || folded.told.includes(factId);
}

export function withFolded({ told, recent }: Folded, { kind, id }: Cause): Folded {
  if (kind === 'signal' || kind === 'control' || kind === 'resolution') return { told: [...told, id].slice(-TOLD_KEPT), recent };
  return { told, recent: [...recent, id].slice(-RECENT_KEPT) };
}
