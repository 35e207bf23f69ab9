import { z } from 'zod';
import { dataSubject, digest, instant } from './identifiers.js';

/**
 * Names the key that encrypts what runs about a data subject say, in the tenant of these runs. Each order to erase the subject begins a
 * new generation, numbered by the order's sequence in the stream ERASURES (0 before the first): the order takes the keys
 * of all earlier generations, and what comes later is under a key of its own. `id` tells a key from any other that ever had its place.
 */
export const dataKeyName = z.strictObject({ dataSubject, generation: z.number().int().nonnegative(), id: z.string().regex(/^[0-9a-f]{16}$/) });
export type DataKeyName = z.infer<typeof dataKeyName>;

/**
 * What the stream DATA_KEYS holds at a key's place: the key under a master key (AES-256-GCM: nonce of 12 bytes, ciphertext, tag of 16 bytes),
 * with the master key's fingerprint; or that it was erased, which is never taken back.
 */
export const dataKeyRecord = z.union([
  z.strictObject({ id: dataKeyName.shape.id, wrapped: z.base64(), master: z.string(), at: instant }),
  z.strictObject({ erasedAt: instant }),
]);
export type DataKeyRecord = z.infer<typeof dataKeyRecord>;

/**
 * What stands in a commit in the place of events and checkpoint, where these are encrypted: the key, the digest and the length of the ciphertext
 * (nonce of 12 bytes, ciphertext, tag of 16 bytes), and what can be told without the key. The ciphertext is bound to its place by the associated data
 * `<tenant>/<run>/<number>`.
 */
export const encryption = z.strictObject({
  key: dataKeyName,
  digest,
  bytes: z.number().int().positive(),
  /** The types of the commit's events, in order. */
  types: z.array(z.string().min(1)).min(1),
  /** Set where the content holds a checkpoint. */
  checkpoint: z.literal(true).optional(),
});
export type Encryption = z.infer<typeof encryption>;
