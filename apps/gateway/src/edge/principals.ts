import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import type { Principal } from './api-keys.js';

const principals = new WeakMap<object, Principal>();

/** Remembers who sent a request; only the edge's authentication hook calls it. */
export function rememberPrincipal(request: FastifyRequest, principal: Principal): void {
  principals.set(request, principal);
}

/** Who sent a request. Throws `auth.key-missing` when nobody was authenticated, so that forgetting a check fails closed. */
export function principalOf(request: object): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new HoldfastError({ code: 'auth.key-missing', message: 'The request carries no API key.', retryable: false, remedy: 'Send "Authorization: Bearer <key>".' });
  return principal;
}

/** The principal as a controller's parameter. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => principalOf(context.switchToHttp().getRequest<FastifyRequest>()));
