import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { HoldfastError, type PermitClaims } from '@holdfast/contracts';
import { PERMIT_ISSUER, publicPermitKey, signPermit, type KeySet, type PublicPermitKey } from '@holdfast/policy-engine';

/** What a permit is for; issuer and times are the signer's. */
export type PermitSubject = Pick<PermitClaims, 'jti' | 'tenant' | 'run' | 'tool' | 'contractDigest' | 'argumentsDigest' | 'policyDigest' | 'after' | 'worth' | 'memoryScopes'>;

/** Signs permits with Ed25519 (RFC 8037). */
export class PermitSigner {
  private constructor(private readonly key: KeyObject, private readonly publicKey: PublicPermitKey, private readonly lifetimeSeconds: number) {}

  /**
   * Reads the private key: PKCS #8 in PEM, or a JSON Web Key with its private part `d`.
   * Throws `permit.bad-key` for anything else; the error never carries the key.
   */
  static async create(privateKey: string, lifetimeSeconds: number): Promise<PermitSigner> {
    try {
      const key = privateKey.trimStart().startsWith('-----BEGIN') ? createPrivateKey(privateKey) : createPrivateKey({ key: JSON.parse(privateKey) as JsonWebKey, format: 'jwk' });
      return new PermitSigner(key, publicPermitKey(key), lifetimeSeconds);
    } catch {
      throw new HoldfastError({ code: 'permit.bad-key', message: 'The private key for permits cannot be read.', retryable: false, remedy: 'Give an Ed25519 private key as PKCS #8 in PEM, or as a JSON Web Key.' });
    }
  }

  /** The public half (RFC 7517), which adapters verify permits with. */
  get publicKeys(): KeySet {
    return { keys: [this.publicKey] };
  }

  /** A permit in force from `now`, in milliseconds since the epoch, for the signer's lifetime. */
  sign(subject: PermitSubject, now: number): string {
    const issuedAt = Math.floor(now / 1000);
    return signPermit({ ...subject, iss: PERMIT_ISSUER, iat: issuedAt, exp: issuedAt + this.lifetimeSeconds }, this.publicKey.kid, this.key);
  }
}
