import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { InvalidRequest } from '../edge/problem.js';

/** What tells two otherwise equal requests apart: the caller's key, or chance. */
export function nonceOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return randomUUID();
  if (typeof key === 'string' && /^[\x21-\x7e]{1,256}$/.test(key)) return key;
  throw new InvalidRequest([{ pointer: '/Idempotency-Key', detail: 'must be 1 to 256 printable characters' }]);
}
