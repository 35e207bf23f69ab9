import { createHash, timingSafeEqual } from 'node:crypto';
import { HttpException, Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** The key that this service shares with whoever may ask it. */
export const API_KEY = Symbol('ApiKey');

/** Lets in whoever shows the service's own key as `Authorization: Bearer <key>` (RFC 6750). */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(@Inject(API_KEY) key: string) {
    this.expected = digestOf(`Bearer ${key}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ readonly headers: Readonly<Record<string, string | undefined>> }>();
    if (timingSafeEqual(digestOf(headers['authorization'] ?? ''), this.expected)) return true;
    throw new HttpException({ code: 'auth.key-unknown', message: 'The request does not carry the key of this service.', retryable: false, remedy: 'Send "Authorization: Bearer <key>" with the key in HOLDFAST_API_KEY.' }, 401);
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
