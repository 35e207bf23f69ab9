import { createRemoteJWKSet, decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { HoldfastError, tenantId } from '@holdfast/contracts';
import type { Principal } from '../api-keys.js';
import type { Issuer } from './issuers.js';

const PATIENCE_MS = 5_000;
/** A token with an unknown key asks the issuer again no sooner than this, or strangers could have it asked at will. */
const COOLDOWN_MS = 30_000;
const CACHE_MS = 600_000;
/** Discovery that failed is tried again after this. */
const RETRY_MS = 5_000;

/** What people are recorded under may be shown in a line and never be taken for another's name. */
const USER = /^[A-Za-z0-9][A-Za-z0-9 ._@|-]{0,127}$/;

/**
 * Bearer tokens of OpenID Connect issuers (JSON Web Tokens, RFC 7519, checked as RFC 8725 advises): signature by the issuer's present keys,
 * issuer, audience and time. Which tenant, roles and groups a token stands for is the operator's word about its claims, and what no
 * rule names grants nothing.
 */
export class AccessTokens {
  private readonly issuers: ReadonlyMap<string, { readonly issuer: Issuer; readonly keys: JWTVerifyGetKey }>;

  constructor(issuers: readonly Issuer[], cooldownMs = COOLDOWN_MS) {
    this.issuers = new Map(issuers.map((issuer) => [issuer.issuer, { issuer, keys: keysOf(issuer, cooldownMs) }]));
  }

  /**
   * Whose token it is. Throws `auth.token-invalid` or `auth.nothing-granted` (neither retryable), or `auth.issuer-unavailable`
   * (retryable) when the issuer's keys cannot be had. Nothing of the token is in an error.
   */
  async authenticate(token: string): Promise<Principal> {
    const trusted = this.issuers.get(issuerOf(token) ?? '');
    if (trusted === undefined) throw invalid('its issuer is not known here');
    const { issuer, keys } = trusted;
    let claims: JWTPayload;
    try {
      ({ payload: claims } = await jwtVerify(token, keys, {
        issuer: issuer.issuer, audience: issuer.audience, algorithms: issuer.algorithms, clockTolerance: issuer.clockSkewSeconds, requiredClaims: ['exp', issuer.user],
      }));
    } catch (error) {
      throw refusal(error, issuer);
    }
    return principalFrom(claims, issuer);
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** The issuer's public keys, looked up when the first token comes. */
function keysOf(issuer: Issuer, cooldownMs: number): JWTVerifyGetKey {
  let found: Promise<JWTVerifyGetKey> | undefined;
  let failedAt = -Infinity;
  const set = async (): Promise<JWTVerifyGetKey> => {
    const where = issuer.keys ?? await discover(issuer);
    return createRemoteJWKSet(new URL(where), { timeoutDuration: PATIENCE_MS, cooldownDuration: cooldownMs, cacheMaxAge: CACHE_MS });
  };
  return async (header, token) => {
    if (found === undefined && performance.now() - failedAt < Math.min(RETRY_MS, cooldownMs)) throw new errors.JWKSTimeout();
    found ??= set().catch((error: unknown) => {
      found = undefined;
      failedAt = performance.now();
      throw error;
    });
    return (await found)(header, token);
  };
}

/** OpenID Connect Discovery 1.0, section 4: what answers at the issuer's address has to call itself by it. */
async function discover({ issuer }: Issuer): Promise<string> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
  const told = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (!answer.ok || told.issuer !== issuer || typeof told.jwks_uri !== 'string') throw new Error('the discovery document is not the issuer\'s');
  const keys = new URL(told.jwks_uri);
  if (keys.protocol !== 'https:' && keys.protocol !== new URL(issuer).protocol) throw new Error('the keys are not served over TLS');
  return told.jwks_uri;
}

function refusal(error: unknown, issuer: Issuer): HoldfastError {
  if (error instanceof errors.JWTExpired) return invalid('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed) return invalid(`its claim "${error.claim}" is not what it has to be`);
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('its algorithm is not one of the issuer\'s');
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('its key is not one of the issuer\'s');
  if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid) && error.code !== 'ERR_JOSE_GENERIC') return invalid('its signature does not hold');
  return new HoldfastError({ code: 'auth.issuer-unavailable', message: `The keys of the issuer "${issuer.name}" cannot be had.`, retryable: true, remedy: 'Try again; if it lasts, check that the gateway reaches the issuer, and its addresses in the issuers\' file.', cause: error });
}

function principalFrom(claims: JWTPayload, issuer: Issuer): Principal {
  const user = claims[issuer.user];
  if (typeof user !== 'string' || !USER.test(user)) throw invalid(`its claim "${issuer.user}" does not name a person`);
  const roles = granted(claims, issuer.roles);
  if (roles.length === 0) throw nothing(`none of its "${issuer.roles.claim}" grants a role`);
  return { name: `${issuer.name}:${user}`, tenant: tenantOf(claims, issuer), roles, groups: issuer.groups === undefined ? [] : granted(claims, issuer.groups), expiresAt: ((claims.exp ?? 0) + issuer.clockSkewSeconds) * 1_000 };
}

function tenantOf(claims: JWTPayload, { tenant }: Issuer): string {
  if ('value' in tenant) return tenant.value;
  const named = tenantId.safeParse(valueAt(claims, tenant.claim));
  if (!named.success || tenant.among?.includes(named.data) === false) throw nothing(`its "${tenant.claim}" is no tenant of its issuer`);
  return named.data;
}

function granted<T>(claims: JWTPayload, { claim, grants }: { readonly claim: string; readonly grants: Readonly<Record<string, T>> }): readonly T[] {
  const values = [valueAt(claims, claim)].flat().filter((value) => typeof value === 'string');
  // Space-separated, as the claim `scope` is (RFC 8693, section 4.2), beside lists and single values.
  const said = new Set(claim === 'scope' ? values.flatMap((value) => value.split(' ')) : values);
  return [...new Set(Object.entries(grants).filter(([value]) => said.has(value)).map(([, grant]) => grant))];
}

/** A claim's own name comes before a path: some issuers name claims by addresses, which have dots. */
function valueAt(claims: JWTPayload, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((value, part) => (typeof value === 'object' && value !== null && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined), claims);
}

function invalid(why: string): HoldfastError {
  return new HoldfastError({ code: 'auth.token-invalid', message: `The token is not accepted: ${why}.`, retryable: false, remedy: 'Get a new token from the issuer, for this audience.' });
}

function nothing(why: string): HoldfastError {
  return new HoldfastError({ code: 'auth.nothing-granted', message: `The token opens nothing here: ${why}.`, retryable: false, remedy: 'Ask whoever administers the issuer for a group that grants a role, or the operator for a rule in the issuers\' file.' });
}
