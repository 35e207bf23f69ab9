import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { HoldfastError, permitClaims } from '@holdfast/contracts';
import { PERMIT_ISSUER, permitHeader } from '@holdfast/policy-engine';
import type { PermitSubject } from '@holdfast/policy/logic';
import type { PermitVerifier } from '@holdfast/tool-adapters/logic';

/** Short, so that permits run out within a schedule's pauses. */
const LIFETIME_SECONDS = 6;

/** The same key in every process, so that a seed gives the same permits everywhere: PKCS #8 (RFC 8410) around 32 bytes. */
const privateKey = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), createHash('sha256').update('simulation').digest()]), format: 'der', type: 'pkcs8' });
const publicKey = createPublicKey(privateKey);
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = encoded(permitHeader('simulation'));

/**
 * Signs permits as policy does (Ed25519, RFC 8037), but at once: the product signs in a pool of threads, whose real time
 * no schedule could repeat. Ed25519 is deterministic, so a permit is the same in every run.
 */
export const signer = {
  sign(subject: PermitSubject, now: number): Promise<string> {
    const issuedAt = Math.floor(now / 1000);
    const text = `${HEADER}.${encoded({ ...subject, iss: PERMIT_ISSUER, iat: issuedAt, exp: issuedAt + LIFETIME_SECONDS })}`;
    return Promise.resolve(`${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`);
  },
};

/** Tokens whose signature was found good, since each schedule runs twice and calls are delivered again. */
const known = new Set<string>();

function isSigned(token: string, text: string, signature: string): boolean {
  if (known.has(token)) return true;
  if (!verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64url'))) return false;
  if (known.size > 1_000) known.clear();
  known.add(token);
  return true;
}

/** Verifies as adapters do: signature, time, and that the permit is for exactly this call. */
export const verifyPermit: PermitVerifier = async (token, expected) => {
  const [header = '', payload = '', signature = ''] = token.split('.');
  if (!isSigned(token, `${header}.${payload}`, signature)) throw refused('permit.forged', 'The permit was not signed by policy.');
  const claims = permitClaims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  if (claims.exp * 1000 <= Date.now()) throw refused('permit.expired', 'The permit is no longer in force.');
  const same = claims.tenant === expected.tenant && claims.run === expected.run && claims.jti === expected.callId && claims.tool === expected.tool && claims.contractDigest === expected.contractDigest && claims.argumentsDigest === expected.argumentsDigest;
  if (!same) throw refused('permit.mismatch', 'The permit is for another call.');
  return claims;
};

function refused(code: string, message: string): HoldfastError {
  return new HoldfastError({ code, message, retryable: false, remedy: 'Ask policy about exactly this call.' });
}
