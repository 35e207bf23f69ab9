import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HoldfastError } from '@holdfast/contracts';
import { isOfConsole, serveConsole } from '../console/console.js';
import { Authentication } from './authentication.js';
import { hostsOf, requireHost } from './hosts.js';
import { requireTakenMediaType } from './media-types.js';
import { rememberPrincipal } from './principals.js';
import { problemHeaders, problemOf, publicError } from './problem.js';
import { RateLimited, RateLimits } from './rates/rate-limits.js';
import { GATEWAY_SETTINGS, type GatewaySettings } from '../settings.js';

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
  const rates = app.get(RateLimits);
  const { HOST, HOLDFAST_HOSTS, HOLDFAST_HSTS_SECONDS } = app.get<GatewaySettings>(GATEWAY_SETTINGS);
  const hosts = hostsOf(HOST, HOLDFAST_HOSTS);
  const strict = { ...SECURITY_HEADERS, ...(HOLDFAST_HSTS_SECONDS === 0 ? {} : { 'strict-transport-security': `max-age=${HOLDFAST_HSTS_SECONDS}; includeSubDomains` }) };
  app.useBodyParser('application/cloudevents+json', { bodyLimit: 1_048_576 }, (_request: unknown, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    try {
      done(null, JSON.parse(body.toString('utf8')));
    } catch {
      done(new HoldfastError({ code: 'request.malformed', message: 'The body is not JSON.', retryable: false, remedy: 'Send a CloudEvent in the JSON event format.' }));
    }
  });
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(strict);
    if (OPEN_PATHS.has(request.url.split('?')[0] ?? '') || isOfConsole(request.url)) return undefined;
    try {
      requireHost(hosts, request);
      await rates.requireQuiet(request.ip);
      const principal = await authentication.authenticate(request.headers.authorization).catch(async (error: unknown) => {
        if (isWrongKey(error)) await rates.noteFailure(request.ip);
        throw error;
      });
      void reply.headers(await rates.admit(principal));
      rememberPrincipal(request, principal);
      requireTakenMediaType(request);
      return undefined;
    } catch (error) {
      const refusal = problemOf(publicError(error));
      return reply.code(refusal.status).headers({ ...problemHeaders(refusal.status), ...(error instanceof RateLimited ? error.headers : {}) }).send(JSON.stringify(refusal));
    }
  });
  await serveConsole(server);
}

/** True for a key or token that was looked at and opens nothing; who sends none, or while an issuer is away, has tried nothing. */
function isWrongKey(error: unknown): boolean {
  return error instanceof HoldfastError && !error.retryable && error.code !== 'auth.key-missing';
}
