import { HoldfastError, type PermitClaims } from '@holdfast/contracts';
import { PERMIT_ALGORITHM, PERMIT_ISSUER, permitHeader } from '@holdfast/policy-engine';
import { SignJWT, calculateJwkThumbprint, exportJWK, importJWK, importPKCS8, type CryptoKey, type JSONWebKeySet, type JWK } from 'jose';

/** What a permit is for; issuer and times are the signer's. */
export type PermitSubject = Pick<PermitClaims, 'jti' | 'tenant' | 'run' | 'tool' | 'contractDigest' | 'argumentsDigest' | 'policyDigest'>;

/** Signs permits with Ed25519 (RFC 8037). */
export class PermitSigner {
  private constructor(
    private readonly key: CryptoKey,
    private readonly publicKey: JWK & { readonly kid: string },
    private readonly lifetimeSeconds: number,
  ) {}

  /**
   * Reads the private key: PKCS #8 in PEM, or a JSON Web Key with its private part `d`.
   * Throws `permit.bad-key` for anything else; the error never carries the key.
   */
  static async create(privateKey: string, lifetimeSeconds: number): Promise<PermitSigner> {
    try {
      const key = privateKey.trimStart().startsWith('-----BEGIN')
        ? await importPKCS8(privateKey, PERMIT_ALGORITHM, { extractable: true })
        : await importJWK(JSON.parse(privateKey) as JWK, PERMIT_ALGORITHM, { extractable: true });
      if (key instanceof Uint8Array || key.type !== 'private') throw new TypeError('not a private key');
      const { kty, crv, x } = await exportJWK(key);
      const publicKey = { kty, crv, x, alg: PERMIT_ALGORITHM, use: 'sig' } as JWK;
      return new PermitSigner(key, { ...publicKey, kid: await calculateJwkThumbprint(publicKey) }, lifetimeSeconds);
    } catch {
      throw new HoldfastError({ code: 'permit.bad-key', message: 'The private key for permits cannot be read.', retryable: false, remedy: 'Give an Ed25519 private key as PKCS #8 in PEM, or as a JSON Web Key.' });
    }
  }

  /** The public half (RFC 7517), which adapters verify permits with. */
  get publicKeys(): JSONWebKeySet {
    return { keys: [this.publicKey] };
  }

  /** A permit in force from `now`, in milliseconds since the epoch, for the signer's lifetime. */
  async sign(subject: PermitSubject, now: number): Promise<string> {
    const issuedAt = Math.floor(now / 1000);
    return new SignJWT({ ...subject, iss: PERMIT_ISSUER, iat: issuedAt, exp: issuedAt + this.lifetimeSeconds })
      .setProtectedHeader(permitHeader(this.publicKey.kid))
      .sign(this.key);
  }
}
