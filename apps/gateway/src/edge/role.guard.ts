import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import { HealthController } from '@holdfast/service';
import { endpointOf } from '../endpoints/endpoint.js';
import { hasRole } from './api-keys.js';
import { principalOf } from './principals.js';

/** Lets a request through when its key has the role that the endpoint states. An endpoint that states none is closed. */
@Injectable()
export class RoleGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getClass() === HealthController) return true;
    const endpoint = endpointOf(context.getHandler());
    const principal = principalOf(context.switchToHttp().getRequest<FastifyRequest>());
    if (endpoint !== undefined && hasRole(principal, endpoint.role)) return true;
    throw new HoldfastError({ code: 'auth.role-missing', message: `The key "${principal.name}" does not have the role "${endpoint?.role ?? 'none'}".`, retryable: false, remedy: 'Use a key with this role, or ask whoever administers the keys.' });
  }
}
