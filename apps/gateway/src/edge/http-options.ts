import type { Socket } from 'node:net';
import type { FastifyServerOptions } from 'fastify';
import { HoldfastError } from '@holdfast/contracts';
import type { GatewaySettings } from '../settings.js';
import { SECURITY_HEADERS } from './prepare-edge.js';
import { problemHeaders, problemOf } from './problem.js';

/** Milliseconds in which a whole request has to have come; who sends a body letter by letter is let go. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Characters of one name in an address, as it is written there. The longest that a schema takes has 128, each of which may be written as nine (`%E2%82%AC`);
 * what is longer than a schema takes is refused by the schema.
 */
const LONGEST_NAME = 2_048;

/** What the HTTP server has to know from its beginning. */
export function httpOptions(settings: Pick<GatewaySettings, 'HOLDFAST_TRUSTED_PROXIES'>): Pick<FastifyServerOptions, 'bodyLimit' | 'requestTimeout' | 'trustProxy' | 'clientErrorHandler'> & { readonly frameworkErrors: typeof refuseAddress; readonly routerOptions: { readonly maxParamLength: number } } {
  return {
    bodyLimit: 1_048_576,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Whose word about a request's address counts; nobody's unless the operator says so.
    trustProxy: settings.HOLDFAST_TRUSTED_PROXIES === undefined ? false : [...settings.HOLDFAST_TRUSTED_PROXIES],
    clientErrorHandler: refuseBytes,
    frameworkErrors: refuseAddress,
    routerOptions: { maxParamLength: LONGEST_NAME },
  };
}

/** Answers what is no request of HTTP, for which there is no request yet that a hook could answer. */
function refuseBytes(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const problem = problemOf(refusalOf(error.code));
  const body = JSON.stringify(problem);
  const headers = { ...problemHeaders(problem.status), 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}

/** Answers an address that cannot be read, for which no route is looked up, and no hook runs. */
function refuseAddress(_error: Error, _request: unknown, { raw }: { readonly raw: { writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown } } }): void {
  const problem = problemOf(new HoldfastError({ code: 'request.malformed', message: 'The address cannot be read: it is not percent-encoded correctly, or a name in it is too long.', retryable: false, remedy: 'GET /v1/openapi.json lists every address.' }));
  raw.writeHead(problem.status, { ...SECURITY_HEADERS, ...problemHeaders(problem.status) }).end(JSON.stringify(problem));
}

function refusalOf(code: string | undefined): HoldfastError {
  if (code === 'HPE_HEADER_OVERFLOW') return new HoldfastError({ code: 'request.headers-too-large', message: 'The headers, with the address, are larger than 16 KiB.', retryable: false, remedy: 'Send less in them.' });
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HoldfastError({ code: 'request.too-slow', message: 'The request did not come within 30 seconds.', retryable: true, remedy: 'Send it again, as a whole.' });
  return new HoldfastError({ code: 'request.malformed', message: 'This is no request of HTTP.', retryable: false, remedy: 'Use a client of HTTP/1.1.' });
}
