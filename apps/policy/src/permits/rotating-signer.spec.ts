import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { PermitSubject } from './permit-signer.js';
import { RotatingSigner } from './rotating-signer.js';

const newKey = (): string => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const subject: PermitSubject = { jti: 'c', tenant: 'acme', run: 'r', tool: 'pay', contractDigest: 'c'.repeat(64), argumentsDigest: 'a'.repeat(64), policyDigest: 'b'.repeat(64), after: 1 };
const keyOf = (permit: string): unknown => (JSON.parse(Buffer.from(permit.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid;

describe('the signer of permits', () => {
  it('signs with another key when there is one, and with the last good one while nobody can read the new', async () => {
    let text = newKey();
    const complaints: unknown[] = [];
    const signer = await RotatingSigner.open(() => Promise.resolve(text), 60, { info: () => undefined, error: (about: unknown) => complaints.push(about) } as never);
    const first = keyOf(await signer.sign(subject, 0));
    text = 'no key';
    expect(keyOf(await signer.sign(subject, 2_000))).toBe(first);
    expect(complaints).toEqual([expect.objectContaining({ err: expect.objectContaining({ code: 'permit.bad-key' }) })]);
    text = newKey();
    expect(keyOf(await signer.sign(subject, 2_500))).toBe(first);
    expect(keyOf(await signer.sign(subject, 4_000))).not.toBe(first);
    await expect(RotatingSigner.open(() => Promise.resolve('no key'), 60, { info: () => undefined, error: () => undefined } as never)).rejects.toMatchObject({ code: 'permit.bad-key' });
  });
});
