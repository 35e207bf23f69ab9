import type { CallContext } from '../tools/call-context.js';
import { ToolError } from '../tools/tool-error.js';
import { classifyFailure, classifyStatus, type SentRequest } from './classify.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** A bound below the attempt's own, in milliseconds. */
  readonly timeoutMs?: number;
  /** Sends the operation key as `Idempotency-Key`; only for systems that honour it. `quoted` writes it as the draft does, a structured-field string (RFC 9651). */
  readonly idempotencyKey?: boolean | 'quoted';
  /** Statuses beyond 2xx that are answers here and no failures. */
  readonly alsoAnswers?: readonly number[];
}

export interface HttpAnswer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when the answer says it is JSON and is; text otherwise. */
  readonly body: Body;
}

/** Where requests and times come from; specifications replace them. */
export interface HttpMeans {
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
}

const MAXIMUM_BODY_BYTES = 1024 * 1024;
const DETAIL_CHARACTERS = 500;

/**
 * Makes one HTTP request for a tool and returns its 2xx answer. Everything else becomes a {@link ToolError} whose kind
 * says what is known about the effect: see {@link classifyFailure} and {@link classifyStatus}.
 *
 * The Idempotency-Key follows draft-ietf-httpapi-idempotency-key-header: a structured-field string would be quoted;
 * like most services that adopted the header, this sends the bare key, 64 hexadecimal digits. Trace headers are those
 * of W3C Trace Context.
 *
 * What is left of the attempt's time goes out as `grpc-timeout`, in milliseconds (`250m`): HTTP itself has no such header,
 * and this one has a published grammar (gRPC over HTTP2, "Timeout"), is read by gateways and frameworks beyond gRPC, and being a length needs no
 * agreement of clocks.
 *
 * `Body` is what the caller hopes for, and nothing checks it here: a tool that returns the body has it judged by its
 * output schema; one that reads it must check it first.
 */
export async function callHttp<Body = unknown>(context: CallContext, request: HttpRequest, means: HttpMeans = { fetch: (...given) => globalThis.fetch(...given), now: Date.now }): Promise<HttpAnswer<Body>> {
  const keyed = request.idempotencyKey === true || request.idempotencyKey === 'quoted';
  const url = new URL(request.url);
  // A query may hold what does not belong in logs.
  const sent: SentRequest = { method: request.method, url: url.pathname, keyed };
  if (keyed && context.operationKey === undefined) {
    throw ToolError.refused({ code: 'tool.no-operation-key', message: `${sent.method} ${sent.url} needs an operation key, which reads do not have.`, remedy: 'Declare the tool as keyed, with its identity.' });
  }
  if (context.signal.aborted) throw ToolError.notDone({ code: 'http.not-sent', message: `${sent.method} ${sent.url} was not sent: the attempt was over.` });
  const signal = request.timeoutMs === undefined ? context.signal : AbortSignal.any([context.signal, AbortSignal.timeout(request.timeoutMs)]);
  let response: Response;
  let text: string | undefined;
  try {
    response = await means.fetch(url, {
      method: request.method,
      headers: {
        accept: 'application/json',
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
        ...context.traceHeaders,
        'grpc-timeout': grpcTimeout(Math.min(context.deadline - means.now(), request.timeoutMs ?? Infinity)),
        ...(keyed ? { 'idempotency-key': request.idempotencyKey === 'quoted' ? `"${context.operationKey ?? ''}"` : (context.operationKey ?? '') } : {}),
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      redirect: 'manual',
      signal,
    });
    text = await readBounded(response);
  } catch (error) {
    throw classifyFailure(error, sent);
  }
  if (!response.ok && request.alsoAnswers?.includes(response.status) !== true) throw classifyStatus(response.status, response.headers, detailOf(text ?? ''), sent, means.now());
  if (text === undefined) throw ToolError.done({ code: 'tool.result-too-large', message: `${sent.method} ${sent.url} succeeded, but its answer has more than ${MAXIMUM_BODY_BYTES} bytes.` });
  return { status: response.status, headers: response.headers, body: parseBody(text, response.headers) as Body };
}

/** At most eight digits, as the grammar has it. */
function grpcTimeout(milliseconds: number): string {
  return `${Math.min(99_999_999, Math.max(0, Math.floor(milliseconds)))}m`;
}

/** The body's text; undefined, and the rest unread, when it is too large to keep. */
async function readBounded(response: Response): Promise<string | undefined> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MAXIMUM_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string, headers: Headers): unknown {
  if (!/\bjson\b/i.test(headers.get('content-type') ?? '')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What a problem document (RFC 9457) says in a sentence, or the beginning of whatever came. */
function detailOf(text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    const sentence = [problem.detail, problem.title].find((each) => typeof each === 'string');
    if (sentence !== undefined) return String(sentence).slice(0, DETAIL_CHARACTERS);
  } catch {
    // Not JSON: the text itself is the best that there is.
  }
  return text.slice(0, DETAIL_CHARACTERS).trim();
}
