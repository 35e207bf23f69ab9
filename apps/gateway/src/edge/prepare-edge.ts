import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HoldfastError } from '@holdfast/contracts';
import { isOfConsole, serveConsole } from '../console/console.js';
import { Authentication } from './authentication.js';
import { requireTakenMediaType } from './media-types.js';
import { rememberPrincipal } from './principals.js';
import { problemHeaders, problemOf, publicError } from './problem.js';

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
 * before any body is read, so that strangers cannot make the gateway parse a megabyte. Everything but health and the console's
 * own files needs a key or a token, whether or not there is anything at the address.
 */
export async function prepareEdge(app: NestFastifyApplication): Promise<void> {
  const authentication = app.get(Authentication);
  app.useBodyParser('application/cloudevents+json', { bodyLimit: 1_048_576 }, (_request: unknown, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    try {
      done(null, JSON.parse(body.toString('utf8')));
    } catch {
      done(new HoldfastError({ code: 'request.malformed', message: 'The body is not JSON.', retryable: false, remedy: 'Send a CloudEvent in the JSON event format.' }));
    }
  });
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    if (OPEN_PATHS.has(request.url.split('?')[0] ?? '') || isOfConsole(request.url)) return undefined;
    try {
      rememberPrincipal(request, await authentication.authenticate(request.headers.authorization));
      requireTakenMediaType(request);
      return undefined;
    } catch (error) {
      const refusal = problemOf(publicError(error));
      return reply.code(refusal.status).headers(problemHeaders(refusal.status)).send(JSON.stringify(refusal));
    }
  });
  await serveConsole(server);
}
