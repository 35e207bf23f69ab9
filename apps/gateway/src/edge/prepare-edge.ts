import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HoldfastError } from '@holdfast/contracts';
import { ApiKeys } from './api-keys.js';
import { rememberPrincipal } from './principals.js';
import { problemHeaders, problemOf } from './problem.js';

/** Headers of every answer: nothing is cached, sniffed, framed or run. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
};

const OPEN_PATHS: ReadonlySet<string> = new Set(['/health/live', '/health/ready']);

/**
 * What has to happen in the HTTP adapter itself: strict headers, structured CloudEvents as a body, and authentication
 * before any body is read, so that strangers cannot make the gateway parse a megabyte. Everything but health needs a key,
 * whether or not there is anything at the address.
 */
export function prepareEdge(app: NestFastifyApplication): void {
  const keys = app.get(ApiKeys);
  app.useBodyParser('application/cloudevents+json', { bodyLimit: 1_048_576 }, (_request: unknown, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    try {
      done(null, JSON.parse(body.toString('utf8')));
    } catch {
      done(new HoldfastError({ code: 'request.malformed', message: 'The body is not JSON.', retryable: false, remedy: 'Send a CloudEvent in the JSON event format.' }));
    }
  });
  app.getHttpAdapter().getInstance().addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    if (OPEN_PATHS.has(request.url.split('?')[0] ?? '')) return done();
    const principal = keys.authenticate(request.headers.authorization);
    if (principal !== undefined) {
      rememberPrincipal(request, principal);
      return done();
    }
    const missing = request.headers.authorization === undefined;
    const refusal = problemOf(new HoldfastError({
      code: missing ? 'auth.key-missing' : 'auth.key-unknown',
      message: missing ? 'The request carries no API key.' : 'The API key is not known.',
      retryable: false,
      remedy: 'Send "Authorization: Bearer <key>" with a key of this installation.',
    }));
    void reply.code(refusal.status).headers(problemHeaders(refusal.status)).send(JSON.stringify(refusal));
  });
}
