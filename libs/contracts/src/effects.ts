import { z } from 'zod';
import { dataKeyName } from './data-keys.js';
import { resolutionKind, toolOutcome, type ToolOutcome } from './events.js';
import { digest, instant, runId, toolName } from './identifiers.js';

/**
 * A short digest of each argument, so that of two askers with other arguments it can be said in which they differ without
 * keeping what they said. Records of releases before it have none.
 */
const argumentDigests = z.record(z.string(), z.string().regex(/^[0-9a-f]{16}$/)).optional();

/**
 * Of a run about a data subject: what encrypts what a record says of people, and the ciphertext, bound to the record's subject, kind and epoch. Beside it, the identity
 * of a claim is empty and an outcome says what {@link withoutSaying} leaves of it, which is all that is known once the key is erased.
 */
const encrypting = { dataKey: dataKeyName.optional(), encrypted: z.base64().optional() };

/** A worker's claim on one operation. Nobody may act before its claim is durable. */
export const effectClaim = z.strictObject({
  kind: z.literal('claim'),
  operationKey: digest,
  tool: toolName,
  identity: z.record(z.string(), z.unknown()),
  argumentsDigest: digest,
  argumentDigests,
  run: runId,
  callId: z.string(),
  owner: z.string(),
  /** Counts the claims on this operation: a worker that wakes up after a later claim cannot record an outcome. */
  epoch: z.number().int().positive(),
  at: instant,
  ...encrypting,
});

/** What became of an operation; every later asker is given it. */
export const effectOutcome = z.strictObject({
  kind: z.literal('outcome'),
  operationKey: digest,
  argumentsDigest: digest,
  argumentDigests,
  epoch: z.number().int().positive(),
  outcome: toolOutcome,
  run: runId,
  callId: z.string(),
  /** The number, in its run, of the commit that dispatched the call. */
  dispatch: z.number().int().nonnegative().optional(),
  at: instant,
  /** From then on the operation may be done again; for ever it may not when left out. The broker forgets the record about then. */
  expiresAt: instant.optional(),
  /**
   * Set when a person said so, about a doubt of this call; then it is not what the call itself achieved. `dispatch` is the
   * number of the commit that brought the word: an older commit that dispatches the call may not act on it.
   */
  resolution: z.strictObject({ kind: resolutionKind, by: z.string().min(1), dispatch: z.number().int().nonnegative() }).optional(),
  ...encrypting,
});

export const effectRecord = z.discriminatedUnion('kind', [effectClaim, effectOutcome]);
export type EffectClaim = z.infer<typeof effectClaim>;
export type EffectOutcome = z.infer<typeof effectOutcome>;
export type EffectRecord = z.infer<typeof effectRecord>;

/** What may be known of an outcome without what it says: whether it happened, so that nobody does it again, and by which code it failed. */
export function withoutSaying(outcome: ToolOutcome): ToolOutcome {
  if (outcome.status === 'succeeded') return { status: 'succeeded', result: { erased: 'It was done before. What it gave back is erased.' }, replayed: outcome.replayed, attempts: [] };
  const { code, retryable } = outcome.failure;
  return { ...outcome, failure: { code, message: '[erased]', retryable, remedy: '[erased]' }, attempts: [] };
}
