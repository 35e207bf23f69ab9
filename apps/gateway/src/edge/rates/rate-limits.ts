import { isIPv6 } from 'node:net';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HoldfastError } from '@holdfast/contracts';
import type { Principal } from '../api-keys.js';

/** Seconds of the window in which requests are counted. */
export const WINDOW_SECONDS = 10;
/** Seconds of the window in which refused keys are counted. */
const FAILURE_WINDOW_SECONDS = 60;

export interface Rates {
  /** Requests of one principal in ten seconds. */
  readonly perPrincipal: number;
  /** Requests of all principals of a tenant in ten seconds. */
  readonly perTenant: number;
  /** Refused keys and tokens from one address in a minute. */
  readonly failuresPerAddress: number;
}

export type RateHeaders = Readonly<Record<string, string>>;

/** A request that came too soon; its headers say when the next may. */
export class RateLimited extends HoldfastError {
  constructor(code: 'request.rate-limited' | 'auth.too-many-failures', message: string, readonly headers: RateHeaders) {
    super({ code, message, retryable: true, remedy: 'Wait as many seconds as Retry-After says, and send less often.' });
  }
}

/**
 * Who may ask how often. Requests are counted by principal and by tenant, so that one of them leaves room for the others; from strangers
 * only refused keys are counted, by address, since all people behind one proxy have the same. Each gateway counts for itself: three of them let
 * three times as much through.
 */
export class RateLimits {
  private readonly principals: RateLimiterMemory;
  private readonly tenants: RateLimiterMemory;
  private readonly failures: RateLimiterMemory;

  constructor(private readonly rates: Rates) {
    this.principals = new RateLimiterMemory({ keyPrefix: 'principal', points: rates.perPrincipal, duration: WINDOW_SECONDS });
    this.tenants = new RateLimiterMemory({ keyPrefix: 'tenant', points: rates.perTenant, duration: WINDOW_SECONDS });
    this.failures = new RateLimiterMemory({ keyPrefix: 'address', points: rates.failuresPerAddress, duration: FAILURE_WINDOW_SECONDS });
  }

  /** Throws `auth.too-many-failures` (retryable) once an address has sent too many keys that opened nothing. */
  async requireQuiet(address: string): Promise<void> {
    const counted = await this.failures.get(networkOf(address));
    if (counted === null || counted.remainingPoints > 0) return;
    throw new RateLimited('auth.too-many-failures', 'Too many keys from this address were refused.', headersOf(this.rates.failuresPerAddress, FAILURE_WINDOW_SECONDS, counted));
  }

  /** Notes that a key or token from an address was refused. */
  async noteFailure(address: string): Promise<void> {
    await this.failures.consume(networkOf(address)).catch(() => undefined);
  }

  /** Counts a request, and tells the headers of its answer. Throws `request.rate-limited` (retryable). */
  async admit({ tenant, name }: Principal): Promise<RateHeaders> {
    const own = await this.take(this.principals, `${tenant}/${name}`, `"${name}" has`);
    await this.take(this.tenants, tenant, `All of the tenant "${tenant}" together have`);
    return own;
  }

  private async take(limiter: RateLimiterMemory, key: string, who: string): Promise<RateHeaders> {
    try {
      return headersOf(limiter.points, WINDOW_SECONDS, await limiter.consume(key));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      throw new RateLimited('request.rate-limited', `${who} sent ${limiter.points} requests within ${WINDOW_SECONDS} seconds.`, headersOf(limiter.points, WINDOW_SECONDS, error));
    }
  }
}

/** As the sixth draft of the IETF's "RateLimit header fields for HTTP" has them, which clients know. */
function headersOf(limit: number, windowSeconds: number, { remainingPoints, msBeforeNext }: RateLimiterRes): RateHeaders {
  const reset = String(Math.max(1, Math.ceil(msBeforeNext / 1_000)));
  return {
    'ratelimit-limit': String(limit), 'ratelimit-remaining': String(Math.max(0, remainingPoints)), 'ratelimit-reset': reset, 'ratelimit-policy': `${limit};w=${windowSeconds}`,
    ...(remainingPoints > 0 ? {} : { 'retry-after': reset }),
  };
}

/** Whoever has one IPv6 address has all of a network of 64 bits. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [left = '', right] = address.split('%')[0]?.split('::') ?? [];
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = right === undefined ? head : [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  return address.includes('.') ? address : groups.slice(0, 4).join(':');
}
