import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CIPHER_BYTES, decrypt, encrypt } from './index.js';

const key = () => createSecretKey(randomBytes(32));

describe('a ciphertext', () => {
  it('gives any text back to its key and its place, and to no other', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), fc.string(), (text, place, other) => {
      const own = key();
      const data = encrypt(own, text, place);
      expect(data.byteLength).toBe(text.byteLength + CIPHER_BYTES);
      expect(decrypt(own, data, place)).toEqual(Buffer.from(text));
      expect(decrypt(key(), data, place)).toBeUndefined();
      if (other !== place) expect(decrypt(own, data, other)).toBeUndefined();
    }), { numRuns: 50 });
  });

  it('that was altered anywhere, or cut, cannot be read', () => {
    const own = key();
    const data = encrypt(own, Buffer.from('Mrs Miller owes 12 euros'), 'acme/r1/1');
    fc.assert(fc.property(fc.nat(data.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(data);
      altered[at] = (altered[at] ?? 0) ^ change;
      expect(decrypt(own, altered, 'acme/r1/1')).toBeUndefined();
      expect(decrypt(own, data.subarray(0, at), 'acme/r1/1')).toBeUndefined();
    }));
  });

  it('of the same text is another each time, so that nobody learns by comparing', () => {
    const own = key();
    const made = Array.from({ length: 100 }, () => encrypt(own, Buffer.from('yes'), 'p').toString('base64'));
    expect(new Set(made).size).toBe(100);
  });
});
