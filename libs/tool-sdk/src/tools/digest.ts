import { hash } from 'node:crypto';
import { canonicalJson, type Digest } from '@holdfast/contracts';

/** SHA-256, in lower-case hexadecimal, of a value's canonical JSON (RFC 8785). Throws `TypeError` for what JSON cannot carry. */
export function digestOf(value: unknown): Digest {
  return hash('sha256', canonicalJson(value));
}
