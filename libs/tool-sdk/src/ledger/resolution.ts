import { MAY_BE_RETRIED, type EffectOutcome, type ResolutionKind, type ToolOutcome } from '@holdfast/contracts';
import { permitsAnotherClaim, type Operation } from './operation.js';

/** What a person says of an operation in doubt. */
export type Resolution = { readonly kind: 'happened'; readonly result: unknown } | { readonly kind: Exclude<ResolutionKind, 'happened'> };

export interface ResolveOptions {
  /** Who says it. */
  readonly by: string;
  /** The claim that the outcome in doubt names, of which it is said; undefined when that is of a release that named none. */
  readonly claim: number | undefined;
  /** When waiting for somebody who does the operation now ends, in milliseconds since the Unix epoch. */
  readonly waitUntil: number;
  readonly signal?: AbortSignal;
}

/** `settled`: the call's end. `free`: nobody does the operation now, and the call may be dispatched again. */
export type ResolveAnswer = { readonly status: 'settled'; readonly outcome: ToolOutcome } | { readonly status: 'free' };

/**
 * Whether a word can still be taken: for exactly the doubt of which it was said, since the operation may have been tried
 * and lost again meanwhile; or in place of a mere permission to retry that nobody has used yet, since it says more.
 */
export function isOpenTo(record: EffectOutcome, resolution: Resolution, claim: number | undefined): boolean {
  if (record.resolution?.kind === 'retry') return resolution.kind !== 'retry';
  return record.outcome.status === 'in-doubt' && record.outcome.claim === claim;
}

/** A word as the ledger keeps it. Nobody tried anything for it, so it has no attempts. */
export function outcomeOf(resolution: Resolution, by: string, { tool, callId, runId }: Operation): ToolOutcome {
  if (resolution.kind === 'happened') return { status: 'succeeded', result: resolution.result, replayed: true, attempts: [] };
  const doubt = `After call ${callId} of run ${runId} left ${tool} in doubt, ${by}`;
  const failure = resolution.kind === 'retry'
    ? { code: MAY_BE_RETRIED, message: `${doubt} let it be tried again.`, retryable: true, remedy: 'Call the tool again.' }
    : { code: 'tool.did-not-happen', message: `${doubt} found that it had no effect.`, retryable: false, remedy: 'Decide whether it should still be done; then call the tool again.' };
  return { status: 'failed', failure, attempts: [] };
}

/** True when the record says that nothing happened and the word wanted no more than that it may be tried again. */
export function leavesFree(record: EffectOutcome, resolution: Resolution): boolean {
  return resolution.kind === 'retry' && permitsAnotherClaim(record);
}
