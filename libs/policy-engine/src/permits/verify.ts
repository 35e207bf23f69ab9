import { HoldfastError, permitClaims, type Digest, type PermitClaims } from '@holdfast/contracts';
import { createLocalJWKSet, errors, importSPKI, jwtVerify, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { canonicalDigest } from '../digests/sha256.js';

/** What a permit must be for. Everything is compared exactly. */
export interface ExpectedPermit {
  readonly tenant: string;
  readonly run: string;
  readonly callId: string;
  readonly tool: string;
  readonly contractDigest: Digest;
  readonly argumentsDigest: Digest;
}

/** The public keys that permits are verified with. */
export type PermitKeys = JWTVerifyGetKey;

export const PERMIT_ISSUER = 'holdfast-policy';
/** Ed25519 (RFC 8037); no other algorithm is accepted. */
export const PERMIT_ALGORITHM = 'EdDSA';
const PERMIT_TYPE = 'holdfast-permit+jwt';

/** The header of every permit; the type (RFC 8725, section 3.11) keeps other tokens of the same key from passing as one. */
export const permitHeader = (keyId: string) => ({ alg: PERMIT_ALGORITHM, typ: PERMIT_TYPE, kid: keyId });

/** SHA-256 of the canonical arguments: what binds a permit to exactly these values. */
export function argumentsDigest(args: Readonly<Record<string, unknown>>): Digest {
  return canonicalDigest(args);
}

/** Reads public keys: one SPKI in PEM, or a JSON Web Key Set (RFC 7517). Throws `permit.bad-key` for anything else. */
export async function permitKeys(source: string | JSONWebKeySet): Promise<PermitKeys> {
  try {
    if (typeof source !== 'string') return createLocalJWKSet(source);
    if (!source.trimStart().startsWith('-----BEGIN')) return createLocalJWKSet(JSON.parse(source) as JSONWebKeySet);
    const key = await importSPKI(source, PERMIT_ALGORITHM);
    // PEM has no key id, so the one key is tried whatever id a permit names.
    return () => Promise.resolve(key);
  } catch (cause) {
    throw new HoldfastError({ code: 'permit.bad-key', message: 'The public key for permits cannot be read.', retryable: false, remedy: 'Give an Ed25519 public key as SPKI in PEM, or a JSON Web Key Set.', cause });
  }
}

/**
 * Checks that a permit was signed by policy, is in force at `now` (milliseconds since the epoch), and is for exactly this
 * call. Throws `permit.forged` (signature, form, issuer or algorithm), `permit.expired`, or `permit.mismatch`, which names
 * the claims that differ. That it is used once is the ledger's business.
 */
export async function verifyPermit(token: string, keys: PermitKeys, expected: ExpectedPermit, now: number): Promise<PermitClaims> {
  const claims = await verifiedClaims(token, keys, now);
  const differing = [
    claims.tenant === expected.tenant ? [] : ['tenant'],
    claims.run === expected.run ? [] : ['run'],
    claims.jti === expected.callId ? [] : ['call'],
    claims.tool === expected.tool ? [] : ['tool'],
    claims.contractDigest === expected.contractDigest ? [] : ['contract'],
    claims.argumentsDigest === expected.argumentsDigest ? [] : ['arguments'],
  ].flat();
  if (differing.length > 0) {
    throw new HoldfastError({ code: 'permit.mismatch', message: `The permit is for another ${differing.join(', another ')}.`, retryable: false, remedy: 'Do not run the call; ask policy about exactly this call.' });
  }
  return claims;
}

async function verifiedClaims(token: string, keys: PermitKeys, now: number): Promise<PermitClaims> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [PERMIT_ALGORITHM], issuer: PERMIT_ISSUER, typ: PERMIT_TYPE, currentDate: new Date(now), requiredClaims: ['exp', 'iat', 'jti'],
    });
    return permitClaims.parse(payload);
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      throw new HoldfastError({ code: 'permit.expired', message: 'The permit is no longer in force.', retryable: false, remedy: 'Ask policy about the call again.', cause });
    }
    throw new HoldfastError({ code: 'permit.forged', message: 'The permit was not signed by policy.', retryable: false, remedy: 'Do not run the call; find out who sent it.', cause });
  }
}
