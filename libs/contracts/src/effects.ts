import { z } from 'zod';
import { toolOutcome } from './events.js';
import { digest, instant, runId, toolName } from './identifiers.js';

/** A worker's claim on one operation. Nobody may act before its claim is durable. */
export const effectClaim = z.strictObject({
  kind: z.literal('claim'),
  operationKey: digest,
  tool: toolName,
  identity: z.record(z.string(), z.unknown()),
  argumentsDigest: digest,
  run: runId,
  callId: z.string(),
  owner: z.string(),
  /** Counts the claims on this operation: a worker that wakes up after a later claim cannot record an outcome. */
  epoch: z.number().int().positive(),
  at: instant,
});

/** What became of an operation; every later asker is given it. */
export const effectOutcome = z.strictObject({
  kind: z.literal('outcome'),
  operationKey: digest,
  argumentsDigest: digest,
  epoch: z.number().int().positive(),
  outcome: toolOutcome,
  run: runId,
  callId: z.string(),
  at: instant,
});

export const effectRecord = z.discriminatedUnion('kind', [effectClaim, effectOutcome]);
export type EffectClaim = z.infer<typeof effectClaim>;
export type EffectOutcome = z.infer<typeof effectOutcome>;
export type EffectRecord = z.infer<typeof effectRecord>;
