import { HoldfastError } from '@holdfast/contracts';

export interface JsonRequest {
  /** Who is asked, for messages and codes: `gateway`, `control`, `world`, `evals`. */
  readonly who: string;
  readonly base: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly token?: string | undefined;
  readonly contentType?: string;
  readonly body?: unknown;
  /** 10,000 when left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks over HTTP and reads the answer as JSON. Throws the other side's own error when it tells one with code, message,
 * `retryable` and remedy, else `evals.<who>-refused`; `evals.<who>-unreachable` (retryable) when nothing came back.
 */
export async function requestJson(request: JsonRequest): Promise<unknown> {
  const { who, base, method, path, token, contentType = 'application/json', body, timeoutMs = 10_000, signal } = request;
  const url = new URL(`${base.replace(/\/$/, '')}${path}`);
  const patience = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      redirect: 'error',
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
      // Kept connections would be found broken after each kill; a suite makes few requests.
      headers: { connection: 'close', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': contentType }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (cause) {
    throw new HoldfastError({ code: `evals.${who}-unreachable`, message: `The ${who} at ${url.origin} did not answer ${method} ${path}.`, retryable: true, remedy: `Check that the ${who} runs and that its address is right.`, cause });
  }
  const value = readJson(text);
  if (!response.ok) throw refusalOf(who, method, path, response.status, value);
  return value;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusalOf(who: string, method: string, path: string, status: number, value: unknown): HoldfastError {
  const told = (value ?? {}) as { readonly code?: unknown; readonly message?: unknown; readonly detail?: unknown; readonly retryable?: unknown; readonly remedy?: unknown };
  const said = typeof told.detail === 'string' ? told.detail : typeof told.message === 'string' ? told.message : 'It gave no reason.';
  return new HoldfastError({
    code: typeof told.code === 'string' ? told.code : `evals.${who}-refused`,
    message: `The ${who} answered ${method} ${path} with ${status}: ${said}`,
    retryable: typeof told.retryable === 'boolean' ? told.retryable : status >= 500,
    remedy: typeof told.remedy === 'string' ? told.remedy : `Look at the log of the ${who}.`,
  });
}
