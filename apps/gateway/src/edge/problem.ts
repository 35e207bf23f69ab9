import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';

/** An error as RFC 9457 writes it, with what every error of Holdfast tells. */
export const problem = z.object({
  type: z.string().describe('`urn:holdfast:problem:<code>`'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().describe('Stable and dotted; never reused for another meaning.'),
  retryable: z.boolean().describe('True when the same request may succeed later without a change.'),
  remedy: z.string().describe('What to do next.'),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional().describe('What is wrong with the request, by JSON pointer (RFC 6901).'),
});
export type Problem = z.infer<typeof problem>;

/** A request that does not follow its schema: every fault at once, each at its place. */
export class InvalidRequest extends HoldfastError {
  constructor(readonly faults: readonly { readonly pointer: string; readonly detail: string }[]) {
    super({ code: 'request.invalid', message: `The request is malformed: ${faults.map((fault) => `${fault.pointer || '(body)'}: ${fault.detail}`).join('; ')}`.slice(0, 2_000), retryable: false, remedy: 'Correct the fields named in "errors"; GET /v1/openapi.json describes each request.' });
  }

  static from(error: z.ZodError, base = ''): InvalidRequest {
    return new InvalidRequest(error.issues.slice(0, 50).map((issue) => ({ pointer: [base, ...issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/'), detail: issue.message })));
  }
}

/** Stable codes that have a status of their own. */
export const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  'request.invalid': 400,
  'request.malformed': 400,
  'memory.request-invalid': 400,
  'memory.source-revoked': 409,
  'memory.no-outcome': 409,
  'memory.document-too-large': 413,
  'memory.document-too-costly': 413,
  'memory.document-binary': 422,
  'memory.document-encrypted': 422,
  'memory.document-malformed': 422,
  'memory.document-empty': 422,
  'auth.key-missing': 401,
  'auth.key-unknown': 401,
  'auth.token-invalid': 401,
  'auth.role-missing': 403,
  'auth.nothing-granted': 403,
  'request.origin': 403,
  'request.host': 421,
  'request.too-slow': 408,
  'request.headers-too-large': 431,
  'request.rate-limited': 429,
  'auth.too-many-failures': 429,
  'route.unknown': 404,
  'route.method': 405,
  'run.unknown': 404,
  'run.commit-unknown': 404,
  'run.call-unknown': 404,
  'run.erased': 410,
  'approval.unknown': 404,
  'question.unknown': 404,
  'question.answered': 409,
  'approval.answered': 409,
  'approval.is-doubt': 409,
  'approval.same-person': 409,
  'operation.not-in-doubt': 404,
  'tool.unknown': 404,
  'agent.unknown': 404,
  'agent.version-unknown': 404,
  'agent.version-revoked': 409,
  'agent.route-changed': 409,
  'canary.unknown': 404,
  'canary.id-taken': 409,
  'canary.agent-busy': 409,
  'canary.incumbent-unclear': 409,
  'canary.ended': 409,
  'registry.nothing-to-accept': 409,
  'registry.candidate-changed': 409,
  'schema.invalid': 422,
  'bulk.not-shown': 409,
  'bulk.stale': 409,
  'run.ended': 409,
  'run.paused': 409,
  'run.not-paused': 409,
  'fork.origin-runs': 409,
  'fork.origin-simulated': 409,
  'fork.key-reused': 409,
  'task.id-taken': 409,
  'task.too-large': 413,
  'request.too-large': 413,
  'request.media-type': 415,
  'task.type-unknown': 422,
  'task.tenant-busy': 429,
};

/** The HTTP status of an error: by its code, else 503 when trying again can help and 500 when it cannot. */
export function statusOf(error: HoldfastError): number {
  return STATUS_BY_CODE[error.code] ?? (error.retryable ? 503 : 500);
}

export function problemOf(error: HoldfastError): Problem {
  const status = statusOf(error);
  return {
    type: `urn:holdfast:problem:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    remedy: error.remedy,
    ...(error instanceof InvalidRequest ? { errors: [...error.faults] } : {}),
  };
}

/** Seconds after which a retryable request is worth repeating. */
export const RETRY_AFTER_SECONDS = 1;

/** The headers that belong to a problem of this status. */
export function problemHeaders(status: number): Readonly<Record<string, string>> {
  return {
    'content-type': 'application/problem+json; charset=utf-8',
    ...(status === 503 || status === 429 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer realm="holdfast"' } : {}),
  };
}

/** Turns anything that was thrown while a request was served into an error that may be shown; the rest is not. */
export function publicError(error: unknown): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const status = statusCodeOf(error);
  const message = error instanceof Error ? error.message : 'The request was refused.';
  if (status === 404) return new HoldfastError({ code: 'route.unknown', message: 'There is nothing at this address.', retryable: false, remedy: 'GET /v1/openapi.json lists every address.' });
  if (status === 413) return new HoldfastError({ code: 'request.too-large', message: 'The body is larger than the gateway accepts.', retryable: false, remedy: 'Send a smaller body; refer to large content by address.' });
  if (status === 415) return new HoldfastError({ code: 'request.media-type', message: 'The body is of a media type that this address does not take.', retryable: false, remedy: 'Send application/json, or application/cloudevents+json for tasks.' });
  if (status !== undefined && status >= 400 && status < 500) return new HoldfastError({ code: 'request.malformed', message: message.slice(0, 500), retryable: false, remedy: 'Send well-formed JSON with its content type.' });
  return new HoldfastError({ code: 'gateway.internal', message: 'The gateway failed unexpectedly.', retryable: false, remedy: 'Look at the log of the gateway.', cause: error });
}

/** Nest's exceptions and Fastify's errors carry their status in different members. */
function statusCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus());
  return 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}
