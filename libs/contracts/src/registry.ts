import { z } from 'zod';
import { toolContract } from './catalog.js';
import { digest, instant } from './identifiers.js';

/** One way in which a tool's contract differs from the one that was accepted. */
export const contractDifference = z.strictObject({
  /** A dotted path into the contract: `input.cents`, `effect`. */
  path: z.string(),
  kind: z.enum(['added', 'removed', 'narrowed', 'widened', 'retyped', 'changed', 'unknown']),
  breaking: z.boolean(),
  /** The difference as a sentence, for people. */
  text: z.string().max(1_000),
});
export type ContractDifference = z.infer<typeof contractDifference>;

/**
 * What workers know of a tool from its server. `contract` is what the server offers now; absent when the tool is gone.
 * `faults` are those of results that violated the accepted contract, so many in a row that the tool is held back; they
 * are carried on from record to record until a person has answered.
 */
export const contractObservation = z.strictObject({
  contract: toolContract.optional(),
  faults: z.array(z.string().max(1_000)).max(20).optional(),
  /** Which server, for people. */
  source: z.string().min(1).max(512),
  at: instant,
});
export type ContractObservation = z.infer<typeof contractObservation>;

/** A person's word that a contract counts from now on, or that the results of its tool are mended. */
export const contractAcceptance = z.strictObject({
  contract: toolContract,
  /**
   * The catalogue's contract in whose place it counts. A catalogue that is deployed with another one is somebody's later
   * word, and counts by itself.
   */
  pinned: digest,
  /** The registry's sequence of the observation that the person saw: a later one is not accepted by this. */
  observation: z.number().int().nonnegative(),
  by: z.string().min(1).max(256),
  comment: z.string().max(4_000),
  at: instant,
});
export type ContractAcceptance = z.infer<typeof contractAcceptance>;
