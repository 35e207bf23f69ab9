import { ToolError } from '../tools/tool-error.js';
import { readRetryAfter } from './retry-after.js';

/** What the classification needs to know of the request. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  /** True when the request carried an Idempotency-Key. */
  readonly keyed: boolean;
}

/** Failures of Node's sockets and of undici before a single byte of the request was written. */
const BEFORE_WRITING = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * What a failed fetch says about the effect. Only what is known to end before the request is written counts as not done;
 * a reset, a time-out or anything unheard of may have come after the server acted.
 */
export function classifyFailure(error: unknown, sent: SentRequest): ToolError {
  const code = failureCode(error);
  const message = `${sent.method} ${sent.url} got no answer${code === undefined ? '' : ` (${code})`}.`;
  if (code !== undefined && BEFORE_WRITING.has(code)) {
    return ToolError.notDone({ code: 'http.unreachable', message, remedy: 'Check the address and that the system is up; the request was never sent.', cause: error });
  }
  return ToolError.unknown({ code: 'http.unanswered', message, remedy: 'Ask the system of record whether it acted on the request.', cause: error });
}

interface ErrorLike {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

const MAXIMUM_CAUSES = 5;

/** `fetch` hides the reason in `cause`; when several addresses were tried, it holds one error for each. */
function failureCode(error: unknown): string | undefined {
  let each = error;
  for (let depth = 0; typeof each === 'object' && each !== null && depth < MAXIMUM_CAUSES; depth += 1) {
    const { name, code, cause, errors } = each as ErrorLike;
    if (Array.isArray(errors)) {
      const codes = errors.map(failureCode);
      // One address that got further than refusing, or failed in a way unheard of, makes the whole uncertain.
      return codes.every((one) => one !== undefined && BEFORE_WRITING.has(one)) ? codes[0] : codes.find((one) => one === undefined || !BEFORE_WRITING.has(one));
    }
    if (typeof code === 'string') return code;
    if (name === 'TimeoutError' || name === 'AbortError') return name;
    each = cause;
  }
  return undefined;
}

/**
 * What a status other than 2xx says about the effect. 409 and 422 mean what the IETF draft "The Idempotency-Key HTTP
 * Header Field" (draft-ietf-httpapi-idempotency-key-header, section 2.7) gives them, when a key was sent:
 * 409, the first request with this key is still being served; 422, the key was used with another request; and 400, when
 * none was sent, that one is required.
 */
export function classifyStatus(status: number, headers: Headers, detail: string, sent: SentRequest, now: number): ToolError {
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), now);
  const message = `${sent.method} ${sent.url} was answered with ${status}${detail === '' ? '' : `: ${detail}`}.`;
  if (status === 429) return ToolError.notDone({ code: 'http.too-many-requests', message, retryAfterMs });
  if (status === 503 && retryAfterMs !== undefined) return ToolError.notDone({ code: 'http.unavailable', message, retryAfterMs });
  // Nothing was done by this request, but the one in progress may be doing it.
  if (status === 409 && sent.keyed) return ToolError.unknown({ code: 'http.in-progress', message, retryAfterMs });
  if (status === 422 && sent.keyed) return ToolError.refused({ code: 'http.key-conflict', message, remedy: 'The operation was asked for with other arguments; find out which of the two is meant.' });
  if (status === 400 && !sent.keyed && /idempotency-key/i.test(detail)) return ToolError.refused({ code: 'http.key-required', message, remedy: 'The system wants an Idempotency-Key: declare the tool as keyed, with its identity.' });
  if (status >= 500) return ToolError.unknown({ code: 'http.server-error', message, retryAfterMs });
  if (status >= 300 && status < 400) return ToolError.refused({ code: 'http.redirected', message, remedy: 'Configure the final address; redirects are not followed, since they could change the request.' });
  return ToolError.refused({ code: 'http.refused', message });
}
