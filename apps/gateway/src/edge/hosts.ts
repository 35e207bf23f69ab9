import type { FastifyRequest } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The names by which a gateway may be asked; undefined when by any. One that listens on this machine alone is asked by this machine's names
 * unless others are given, so that no site which has its own name point here (DNS rebinding) gets as far as asking for a key.
 */
export function hostsOf(listensOn: string, named: readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (named !== undefined) return new Set([...named.map((name) => name.toLowerCase()), ...LOOPBACK]);
  return LOOPBACK.has(listensOn) ? LOOPBACK : undefined;
}

/** Throws `request.host` when a request was meant for another name. */
export function requireHost(hosts: ReadonlySet<string> | undefined, { headers }: Pick<FastifyRequest, 'headers'>): void {
  const name = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  if (hosts === undefined || hosts.has(name)) return;
  throw new HoldfastError({ code: 'request.host', message: 'The gateway is not known by the name in the header Host.', retryable: false, remedy: 'Ask it by one of its names; the operator lists them in HOLDFAST_HOSTS.' });
}
