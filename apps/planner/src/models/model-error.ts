import { APICallError, RetryError } from 'ai';
import { HoldfastError, type ModelAttempt } from '@holdfast/contracts';

/** Why a model gave no answer that can be used. */
export class ModelError extends HoldfastError {
  constructor(shape: ConstructorParameters<typeof HoldfastError>[0], /** How long the provider asked to be left alone, in milliseconds. */ readonly retryAfterMs?: number, /** Every try that was made, where this stands for several. */ readonly attempts: readonly ModelAttempt[] = []) {
    super(shape);
  }
}

/** A provider that asks for more than this is asked again all the same: its word must not outlive the run. */
const LONGEST_PAUSE_MS = 60_000;

/**
 * What the AI SDK threw, as an error of ours. The SDK's own carries the whole prompt, all headers of the answer and
 * sometimes the key that the provider quotes back; nothing of it goes on but the status and, where the provider did not
 * speak of the key, its message.
 */
export function modelErrorOf(error: unknown, model: string, provider: string): HoldfastError {
  if (error instanceof HoldfastError) return error;
  const last = RetryError.isInstance(error) ? error.lastError : error;
  const whose = `The model "${model}" of ${provider}`;
  const { name, message } = plain(last);
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new ModelError({ code: 'model.timeout', message: `${whose} did not answer in time.`, retryable: true, remedy: 'Wait; if it lasts, raise HOLDFAST_MODEL_TIMEOUT_MS.' });
  }
  const unreachable = (): ModelError => new ModelError({ code: 'model.unreachable', message: `${whose} could not be reached.`, retryable: true, remedy: 'Check the network and the provider\'s address.', cause: plain(last) });
  if (!APICallError.isInstance(last)) {
    // What fetch throws (https://fetch.spec.whatwg.org/#fetch-method), where the SDK did not recognise it.
    if (name === 'TypeError' && message === 'fetch failed') return unreachable();
    return new ModelError({ code: 'model.failed', message: `${whose} could not be asked.`, retryable: true, remedy: 'Read the cause; the step is tried again.', cause: plain(last) });
  }
  const status = last.statusCode;
  if (status === undefined) return unreachable();
  if (status === 401 || status === 403) return new ModelError({ code: 'model.refused', message: `${whose} refused the key with status ${status}.`, retryable: false, remedy: 'Set a valid key for the provider and start the planner again.' });
  if (status === 429) return new ModelError({ code: 'model.rate-limited', message: `${whose} is asked too often (status 429).`, retryable: true, remedy: 'Wait, lower HOLDFAST_CONCURRENCY, or raise the limit with the provider.' }, pauseOf(last.responseHeaders));
  if (last.isRetryable) return new ModelError({ code: 'model.unavailable', message: `${whose} failed with status ${status}.`, retryable: true, remedy: 'Wait; the step is tried again.', cause: plain(last) }, pauseOf(last.responseHeaders));
  if (status < 300) return new ModelError({ code: 'model.garbled', message: `${whose} answered with something that its protocol does not know.`, retryable: true, remedy: 'The step is tried again; if it lasts, check the provider\'s address.' });
  return new ModelError({ code: 'model.rejected', message: `${whose} rejected the request with status ${status}.`, retryable: false, remedy: 'Read the cause: the model\'s name, the prompt\'s size or a tool\'s schema does not suit the provider.', cause: plain(last) });
}

/** The provider's `retry-after` (RFC 9110, section 10.2.3; seconds or a date), or its `retry-after-ms` where it has one, as a pause from now, in milliseconds. */
function pauseOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const exact = headers?.['retry-after-ms'];
  const text = headers?.['retry-after'];
  if (exact === undefined && text === undefined) return undefined;
  const pause = exact !== undefined && /^\d+(\.\d+)?$/.test(exact) ? Number(exact) : /^\d+(\.\d+)?$/.test(text ?? '') ? Number(text) * 1_000 : Date.parse(text ?? '') - Date.now();
  return Number.isFinite(pause) && pause > 0 ? Math.min(pause, LONGEST_PAUSE_MS) : undefined;
}

/** Name and message alone: an error of the SDK has the prompt and the answer among its properties. */
function plain(error: unknown): Error {
  // Read by shape: what aborts a request may come from another realm.
  const { name = 'Error', message = String(error) } = (error ?? {}) as { readonly name?: string; readonly message?: string };
  const copy = new Error(message.slice(0, 1_000));
  copy.name = name;
  return copy;
}
