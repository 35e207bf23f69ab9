import { sign, verify, type KeyObject } from 'node:crypto';

/** The header of a token as it was written; nothing in it has been checked. */
export type TokenHeader = Readonly<Record<string, unknown>>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * A token in JWS compact form (RFC 7515, section 7.1) signed with Ed25519 (RFC 8037). Signed in place: the thread pool of
 * WebCrypto takes longer to hand the work over than the signature takes, and each call of a tool needs one.
 */
export function signToken(header: TokenHeader, claims: object, privateKey: KeyObject): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString('base64url')}`;
}

/**
 * Header and claims of a token whose signature holds for the key that `keyOf` finds by the header. Undefined for anything
 * else: another form, a signature that does not hold, no key, or base64url that is not written as the encoder writes it.
 */
export function openToken(token: string, keyOf: (header: TokenHeader) => KeyObject | undefined): { readonly header: TokenHeader; readonly claims: unknown } | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.');
  if (rest.length > 0 || head === '' || body === '' || signature === '') return undefined;
  const header = decoded(head);
  const bytes = Buffer.from(signature, 'base64url');
  if (!isRecord(header) || bytes.toString('base64url') !== signature) return undefined;
  const key = keyOf(header);
  if (key === undefined || !verify(null, Buffer.from(`${head}.${body}`), key, bytes)) return undefined;
  return { header, claims: decoded(body) };
}

function decoded(part: string): unknown {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is TokenHeader {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
