import { describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';
import { argumentsDigest, permitHeader, permitKeys, verifyPermit, type ExpectedPermit, type PermitKeys } from './verify.js';

const now = 1_700_000_000_000;
const expected: ExpectedPermit = { tenant: 'acme', run: 'run-1', callId: 'call-1', tool: 'pay', contractDigest: 'c'.repeat(64), argumentsDigest: argumentsDigest({ amountCents: 5, iban: 'X' }) };
const claims = {
  iss: 'holdfast-policy', jti: 'call-1', tenant: 'acme', run: 'run-1', tool: 'pay', contractDigest: expected.contractDigest,
  argumentsDigest: expected.argumentsDigest, policyDigest: 'b'.repeat(64), iat: now / 1000, exp: now / 1000 + 60,
};

async function issued(overrides: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<{ token: string; keys: PermitKeys; pem: string }> {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  const token = await new SignJWT({ ...claims, ...overrides }).setProtectedHeader({ ...permitHeader('k'), ...header }).sign(pair.privateKey);
  return { token, keys: await permitKeys({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k' }] }), pem: await exportSPKI(pair.publicKey) };
}
const rejection = (code: string) => expect.objectContaining({ name: 'HoldfastError', code });

describe('a permit', () => {
  it('is good for its call, verified by a key set or a public key in PEM', async () => {
    const { token, keys, pem } = await issued();

    await expect(verifyPermit(token, keys, expected, now)).resolves.toMatchObject({ jti: 'call-1' });
    await expect(verifyPermit(token, await permitKeys(pem), expected, now)).resolves.toMatchObject({ jti: 'call-1' });
  });

  it.each<[string, Partial<ExpectedPermit>]>([
    ['tenant', { tenant: 'other' }], ['run', { run: 'run-2' }], ['call', { callId: 'call-2' }], ['tool', { tool: 'refund' }], ['contract', { contractDigest: 'd'.repeat(64) }],
    ['arguments', { argumentsDigest: argumentsDigest({ amountCents: 6, iban: 'X' }) }],
  ])('is worthless for another %s', async (_, other) => {
    const { token, keys } = await issued();

    await expect(verifyPermit(token, keys, { ...expected, ...other }, now)).rejects.toEqual(rejection('permit.mismatch'));
  });

  it('that names its dispatch is worthless where the log does not say which bundle allowed the call', async () => {
    const { token, keys } = await issued({ after: 3 });

    await expect(verifyPermit(token, keys, { ...expected, dispatch: 4 }, now)).rejects.toEqual(expect.objectContaining({ message: 'The permit is for another policy.' }));
    await expect(verifyPermit(token, keys, { ...expected, dispatch: 4, policyDigest: claims.policyDigest }, now)).resolves.toMatchObject({ after: 3 });
  });

  it('is worthless after its time', async () => {
    const { token, keys } = await issued();

    await expect(verifyPermit(token, keys, expected, now + 91_000)).rejects.toEqual(rejection('permit.expired'));
  });

  it('is forged where another key signed it, a claim was changed, or it is another kind of token', async () => {
    const { token, keys } = await issued();
    const [header, payload, signature] = token.split('.');
    const changed = [header, Buffer.from(JSON.stringify({ ...claims, tool: 'refund' })).toString('base64url'), signature].join('.');
    const mine = await issued({}, { typ: 'JWT' });
    const forgeries: (readonly [string, PermitKeys])[] = [
      [(await issued()).token, keys], [changed, keys], [new UnsecuredJWT(claims).encode(), keys], [`${header}.${payload}.`, keys], ['nonsense', keys], [mine.token, mine.keys],
    ];

    for (const [forged, theirKeys] of forgeries) await expect(verifyPermit(forged, theirKeys, expected, now)).rejects.toEqual(rejection('permit.forged'));
  });

  it.each([{ iss: 'somebody' }, { exp: undefined }, { policyDigest: 'x' }])('is forged where a claim is not as policy writes it: %j', async (overrides) => {
    const { token, keys } = await issued(overrides);

    await expect(verifyPermit(token, keys, expected, now)).rejects.toEqual(rejection('permit.forged'));
  });

  it('has the same digest for the same arguments in any order', () => {
    expect(argumentsDigest({ iban: 'X', amountCents: 5 })).toBe(expected.argumentsDigest);
  });
});
