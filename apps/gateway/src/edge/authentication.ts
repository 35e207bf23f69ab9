import { HoldfastError } from '@holdfast/contracts';
import type { ApiKeys, Principal } from './api-keys.js';
import type { AccessTokens } from './identity/access-tokens.js';

/** A JSON Web Token in its compact form; no longer than proxies let headers be. */
const TOKEN = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;
const LONGEST = 16_384;

/** Who sends a request: the bearer of an API key, or of a token of an issuer, where there are issuers. */
export class Authentication {
  constructor(private readonly keys: Pick<ApiKeys, 'authenticate'>, private readonly tokens?: Pick<AccessTokens, 'authenticate'>) {}

  /** Throws `auth.key-missing`, `auth.key-unknown`, or what {@link AccessTokens.authenticate} throws. */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    if (authorization === undefined) throw refused('auth.key-missing', 'The request carries no API key.');
    const bearer = this.keys.authenticate(authorization);
    if (bearer !== undefined) return bearer;
    const token = authorization.length > LONGEST ? undefined : TOKEN.exec(authorization)?.[1];
    if (this.tokens === undefined || token === undefined) throw refused('auth.key-unknown', 'The API key is not known.');
    return this.tokens.authenticate(token);
  }
}

const refused = (code: string, message: string): HoldfastError =>
  new HoldfastError({ code, message, retryable: false, remedy: 'Send "Authorization: Bearer <key>" with a key of this installation.' });
