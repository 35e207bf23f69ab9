import { z } from 'zod';
import { dataSubject, instant, tenantId } from './identifiers.js';

/** The order that what is known of a data subject be erased, as far as it came before `at`; what comes later is theirs anew. */
export const erasure = z.strictObject({ at: instant, by: z.string().min(1).max(256), reason: z.string().max(4000) });
export type Erasure = z.infer<typeof erasure>;

/** Asks memory to carry out the erasures that are ordered, and what has become of one. */
export const erasureRequest = z.strictObject({ tenant: tenantId, dataSubject });
export type ErasureRequest = z.infer<typeof erasureRequest>;

/** What memory does not hold any more, by all erasures of the subject so far. */
export const erasureAnswer = z.strictObject({ documents: z.number().int().nonnegative(), turns: z.number().int().nonnegative() });
export type ErasureAnswer = z.infer<typeof erasureAnswer>;
