/** An error as the gateway tells it (RFC 9457), or one that kept us from asking it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly code: string;
  readonly remedy: string;
  readonly isRetryable: boolean;
  /** Milliseconds that the gateway asks to wait for. */
  readonly retryAfterMs: number | undefined;

  constructor(told: { readonly status: number; readonly code: string; readonly detail: string; readonly remedy: string; readonly retryable: boolean }, retryAfterMs?: number) {
    super(told.detail);
    this.status = told.status;
    this.code = told.code;
    this.remedy = told.remedy;
    this.isRetryable = told.retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Told {
  readonly code?: unknown;
  readonly detail?: unknown;
  readonly remedy?: unknown;
  readonly retryable?: unknown;
}

/** The problem that an answer tells. What stands between us and the gateway may answer in its own words; then the status speaks. */
export function problemOf(response: Response, body: unknown): Problem {
  const told: Told = typeof body === 'object' && body !== null ? body : {};
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem({
    status: response.status,
    code: typeof told.code === 'string' ? told.code : `http.${response.status}`,
    detail: typeof told.detail === 'string' ? told.detail : `The gateway answered ${response.status} ${response.statusText}.`.replace(' .', '.'),
    remedy: typeof told.remedy === 'string' ? told.remedy : 'Try again; whoever runs this installation can see more in the gateway\'s log.',
    retryable: typeof told.retryable === 'boolean' ? told.retryable : response.status === 429 || response.status >= 500,
  }, Number.isFinite(seconds) ? seconds * 1_000 : undefined);
}

/** Anything that was thrown while the gateway was asked. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ status: 0, code: 'network.unreachable', detail: 'The gateway does not answer.', remedy: 'Check that it runs and that you are on its network. The console tries again by itself.', retryable: true });
}
