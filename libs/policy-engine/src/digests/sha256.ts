import { hash } from 'node:crypto';
import { canonicalJson, type Digest } from '@holdfast/contracts';

/** The SHA-256, in lower-case hexadecimal, of the canonical form (RFC 8785) of a JSON value. */
export function canonicalDigest(value: unknown): Digest {
  return hash('sha256', canonicalJson(value));
}
