import { z } from 'zod';

/**
 * Where in a run something was said: the plan commit that is answered, how often its work was taken up, and the number of
 * the message in that attempt. It orders everything that is said in a run, also when planners take over from each other.
 */
const place = { basis: z.number().int().positive(), attempt: z.number().int().positive(), n: z.number().int().nonnegative() };

/**
 * What watchers of a run are told while a model speaks. Messages may be lost, and the log alone says what was answered.
 * `started` voids everything heard before of the same basis: another planner has taken over, or the model is asked again.
 */
export const tokenEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('started'), ...place, model: z.string().max(256) }),
  /** `offset`: characters of text that were said before since the last `started`, so that a loss shows. */
  z.strictObject({ kind: z.literal('delta'), ...place, offset: z.number().int().nonnegative(), text: z.string().max(16_384) }),
  /** `recorded`: an answer that was recorded is used, and what was heard of it stands. `reason` is the code of a failure. */
  z.strictObject({ kind: z.literal('ended'), ...place, outcome: z.enum(['answered', 'failed', 'recorded']), reason: z.string().max(256).optional() }),
]);
export type TokenEvent = z.infer<typeof tokenEvent>;
export type TokenPlace = Pick<TokenEvent, 'basis' | 'attempt' | 'n'>;

/** Characters of one `delta` at most. */
export const LONGEST_DELTA = 16_384;

/** Whether something was said after something else of the same run. */
export function isSaidAfter(one: TokenPlace, other: TokenPlace): boolean {
  return one.basis !== other.basis ? one.basis > other.basis : one.attempt !== other.attempt ? one.attempt > other.attempt : one.n > other.n;
}
