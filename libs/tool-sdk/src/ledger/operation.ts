import { hasActed, subjects, type DataKeyName, type Digest, type EffectClaim, type EffectOutcome, type EffectRecord, type RunId, type TenantId } from '@holdfast/contracts';

/** One call's wish to carry out a business operation. */
export interface Operation {
  readonly tenant: TenantId;
  readonly tool: string;
  readonly operationKey: Digest;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly argumentsDigest: Digest;
  /** See {@link argumentDigestsOf}. */
  readonly argumentDigests?: Readonly<Record<string, string>>;
  readonly runId: RunId;
  readonly callId: string;
  /** The number, in its run, of the commit that dispatches the call; a call that a person lets be tried again is dispatched by a later one. */
  readonly dispatch?: number;
  /** How long one attempt may take from its claim on, in milliseconds; a claim older than that is soon a dead one. */
  readonly attemptMs: number;
  /** Milliseconds for which it is never done again once it is settled; for ever when left out. */
  readonly retentionMs?: number;
  /** What encrypts the run that asks. */
  readonly dataKey?: DataKeyName;
}

/** A claim that this process holds. */
export interface Claim {
  readonly operation: Operation;
  readonly record: EffectClaim;
  readonly sequence: number;
  /** True when an earlier claim had no outcome: its holder may have acted before it fell silent. */
  readonly inherited: boolean;
  /** True when a person let it be tried again, without saying that it did not happen. */
  readonly retried: boolean;
}

export function effectSubject(operation: Operation): string {
  return subjects.effect(operation.tenant, operation.tool, operation.operationKey);
}

/**
 * True when the record is the answer to the very call that asks: it is being delivered again. What a person said of a
 * call is no record of it, so that it may be dispatched anew; but for a dispatch from before that word it is the end. Nor
 * is an outcome without effect the answer to a later dispatch, as after a quarantine under which the call was not sent.
 */
export function isOwnCall(record: EffectRecord, operation: Operation): boolean {
  if (!isOfCall(record, operation)) return false;
  if (record.kind === 'claim') return true;
  const { resolution: word, dispatch } = record;
  if (word !== undefined) return (operation.dispatch ?? Infinity) < word.dispatch;
  return dispatch === undefined || operation.dispatch === undefined || operation.dispatch <= dispatch || !permitsAnotherClaim(record);
}

/** True when the record is about the call that asks, whichever dispatch of it. */
export function isOfCall(record: EffectRecord, operation: Operation): boolean {
  return record.run === operation.runId && record.callId === operation.callId;
}

/** A failure after which certainly nothing happened lets others try; every other outcome is final. */
export function permitsAnotherClaim({ outcome }: EffectOutcome): boolean {
  return outcome.status === 'failed' && !hasActed(outcome);
}
