import { createPublicKey, hash, type JsonWebKey, type KeyObject } from 'node:crypto';
import { HoldfastError, permitClaims, type Digest, type PermitClaims } from '@holdfast/contracts';
import { canonicalDigest } from '../digests/sha256.js';
import { openToken, signToken, type TokenHeader } from './compact-jws.js';

/** What a permit must be for. Everything is compared exactly. */
export interface ExpectedPermit {
  readonly tenant: string;
  readonly run: string;
  readonly callId: string;
  readonly tool: string;
  readonly contractDigest: Digest;
  readonly argumentsDigest: Digest;
  /** The bundle that the log says allowed the call, where it says so. */
  readonly policyDigest?: Digest;
  /** The number of the commit that dispatches the call. */
  readonly dispatch?: number;
}

/** A JSON Web Key Set (RFC 7517). */
export interface KeySet {
  readonly keys: readonly JsonWebKey[];
}

export type PublicPermitKey = JsonWebKey & { readonly kid: string };

/** Finds the public key that a permit names. */
export type PermitKeys = (header: TokenHeader) => KeyObject | undefined;

export const PERMIT_ISSUER = 'holdfast-policy';
/** Ed25519 (RFC 8037); no other algorithm is accepted. */
export const PERMIT_ALGORITHM = 'EdDSA';
const PERMIT_TYPE = 'holdfast-permit+jwt';

/** The header of every permit; the type (RFC 8725, section 3.11) keeps other tokens of the same key from passing as one. */
export const permitHeader = (keyId: string) => ({ alg: PERMIT_ALGORITHM, typ: PERMIT_TYPE, kid: keyId });

/** How far the clocks of policy and adapters may differ, in seconds. */
export const PERMIT_LEEWAY_SECONDS = 30;
/** No permit of policy is in force for longer, in seconds. */
const LONGEST_LIFE_SECONDS = 86_400;
/** Commits within which a call is dispatched once policy has allowed it: one for each call of the decision, and what comes between. */
const DISPATCHED_WITHIN = 64;

/** SHA-256 of the canonical arguments: what binds a permit to exactly these values. */
export function argumentsDigest(args: Readonly<Record<string, unknown>>): Digest {
  return canonicalDigest(args);
}

/**
 * The public half of an Ed25519 key as adapters are given it, whichever half is at hand. Its id is its thumbprint (RFC 7638), which
 * each permit names. Throws `TypeError` for a key of another kind.
 */
export function publicPermitKey(key: KeyObject): PublicPermitKey {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`it is a key for ${key.asymmetricKeyType}, and not Ed25519`);
  const { kty, crv, x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  // The thumbprint is over these members in this order.
  return { kty, crv, x, alg: PERMIT_ALGORITHM, use: 'sig', kid: hash('sha256', JSON.stringify({ crv, kty, x }), 'base64url') } as PublicPermitKey;
}

/** Reads public keys: one SPKI in PEM, or a JSON Web Key Set (RFC 7517). Throws `permit.bad-key` for anything else. */
export async function permitKeys(source: string | KeySet): Promise<PermitKeys> {
  try {
    if (typeof source !== 'string') return keysOf(source);
    if (!source.trimStart().startsWith('-----BEGIN')) return keysOf(JSON.parse(source) as KeySet);
    const key = createPublicKey(source);
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError(`a key for ${key.asymmetricKeyType}`);
    // PEM has no key id, so the one key is tried whatever id a permit names.
    return () => key;
  } catch (cause) {
    throw new HoldfastError({ code: 'permit.bad-key', message: 'The public key for permits cannot be read.', retryable: false, remedy: 'Give an Ed25519 public key as SPKI in PEM, or a JSON Web Key Set.', cause });
  }
}

function keysOf({ keys }: KeySet): PermitKeys {
  const signing = keys.filter(({ kty, crv, use, alg }) => kty === 'OKP' && crv === 'Ed25519' && (use ?? 'sig') === 'sig' && (alg ?? PERMIT_ALGORITHM) === PERMIT_ALGORITHM);
  const byId = new Map<unknown, KeyObject>(signing.map((key) => [key['kid'], createPublicKey({ key, format: 'jwk' })]));
  return ({ kid }) => (typeof kid === 'string' ? byId.get(kid) : undefined);
}

/** A permit with these claims, signed by the private key that the key id names. */
export function signPermit(claims: PermitClaims, keyId: string, privateKey: KeyObject): string {
  return signToken(permitHeader(keyId), claims, privateKey);
}

/**
 * Checks that a permit was signed by policy, is in force at `now` (milliseconds since the epoch), and is for exactly this
 * call and this dispatch. Throws `permit.forged` (signature, form, issuer, algorithm or length of life), `permit.early`,
 * `permit.expired`, or `permit.mismatch`, which names the claims that differ. That it is used once is the adapter's business.
 */
export async function verifyPermit(token: string, keys: PermitKeys, expected: ExpectedPermit, now: number): Promise<PermitClaims> {
  const claims = signedClaims(token, keys);
  requireInForce(claims, now);
  requireFor(claims, expected);
  return claims;
}

/**
 * Checks a permit as the log has it, whenever that was: that policy signed it, and for exactly this call and this dispatch. Throws
 * `permit.forged`, `permit.mismatch`, and `permit.key-unknown` where the key that it names is not among these, so that nobody can tell.
 */
export function verifyRecordedPermit(token: string, keys: PermitKeys, expected: ExpectedPermit): PermitClaims {
  let unknown: unknown;
  const claims = signedClaims(token, (header) => {
    const key = keys(header);
    if (key === undefined) unknown = header['kid'];
    return key;
  }, () => (typeof unknown === 'string' ? new HoldfastError({ code: 'permit.key-unknown', message: `The permit names the key "${unknown.slice(0, 64)}", which is not known.`, retryable: false, remedy: 'Put the public half of that key back into the set, if it was one of policy\'s; if it never was, the permit is forged.' }) : undefined));
  requireFor(claims, expected);
  return claims;
}

function requireFor(claims: PermitClaims, expected: ExpectedPermit): void {
  const differing = [
    claims.tenant === expected.tenant ? [] : ['tenant'],
    claims.run === expected.run ? [] : ['run'],
    claims.jti === expected.callId ? [] : ['call'],
    claims.tool === expected.tool ? [] : ['tool'],
    claims.contractDigest === expected.contractDigest ? [] : ['contract'],
    claims.argumentsDigest === expected.argumentsDigest ? [] : ['arguments'],
    isOfBundle(claims, expected) ? [] : ['policy'],
    isDispatchOf(claims, expected) ? [] : ['dispatch'],
  ].flat();
  if (differing.length > 0) {
    throw new HoldfastError({ code: 'permit.mismatch', message: `The permit is for another ${differing.join(', another ')}.`, retryable: false, remedy: 'Do not run the call; ask policy about exactly this call.' });
  }
}

/** The log of an earlier release did not say which bundle allowed a call, and policy did not name the dispatch then. */
function isOfBundle({ policyDigest, after }: PermitClaims, expected: ExpectedPermit): boolean {
  return expected.policyDigest === undefined ? after === undefined : policyDigest === expected.policyDigest;
}

function isDispatchOf({ after }: PermitClaims, { dispatch }: ExpectedPermit): boolean {
  return after === undefined || dispatch === undefined || (dispatch > after && dispatch <= after + DISPATCHED_WITHIN);
}

function signedClaims(token: string, keys: PermitKeys, otherwise: () => HoldfastError | undefined = () => undefined): PermitClaims {
  const opened = openToken(token, keys);
  // An algorithm of another name, another kind of token and extensions (RFC 7515, section 4.1.11) are not what policy writes.
  const isOurs = opened !== undefined && opened.header['alg'] === PERMIT_ALGORITHM && opened.header['typ'] === PERMIT_TYPE && opened.header['crit'] === undefined;
  const claims = permitClaims.safeParse(opened?.claims);
  if (!isOurs || !claims.success || claims.data['nbf'] !== undefined || claims.data.exp - claims.data.iat > LONGEST_LIFE_SECONDS) {
    throw otherwise() ?? new HoldfastError({ code: 'permit.forged', message: 'The permit was not signed by policy.', retryable: false, remedy: 'Do not run the call; find out who sent it.', cause: claims.error });
  }
  return claims.data;
}

function requireInForce({ iat, exp }: PermitClaims, now: number): void {
  if ((iat - PERMIT_LEEWAY_SECONDS) * 1_000 > now) {
    throw new HoldfastError({ code: 'permit.early', message: 'The permit is of a time that has not come.', retryable: false, remedy: 'Synchronise the clocks of policy and tool adapters; until then no call is made.' });
  }
  if ((exp + PERMIT_LEEWAY_SECONDS) * 1_000 <= now) {
    throw new HoldfastError({ code: 'permit.expired', message: 'The permit is no longer in force.', retryable: false, remedy: 'Ask policy about the call again.' });
  }
}
