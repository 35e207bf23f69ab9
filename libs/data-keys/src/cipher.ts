import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

/** AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits: one key may encrypt 2^32 texts before two nonces might be alike. */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What encryption adds to a text, in bytes. */
export const CIPHER_BYTES = NONCE_BYTES + TAG_BYTES;

/** Nonce, ciphertext and tag. `place` is authenticated with it: put anywhere else, the ciphertext cannot be read. */
export function encrypt(key: KeyObject, text: Uint8Array, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** The text; undefined where this key did not encrypt it for this place, or it was altered. */
export function decrypt(key: KeyObject, data: Uint8Array, place: string): Buffer | undefined {
  if (data.byteLength < CIPHER_BYTES) return undefined;
  const end = data.byteLength - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, data.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(place)).setAuthTag(data.subarray(end));
  try {
    return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
