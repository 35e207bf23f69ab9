import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError } from '../tools/tool-error.js';
import type { ExecutionMeans, ToolCall } from './call.js';
import { systemClock } from './clock.js';

/** No attempt of a call may begin after this moment, in milliseconds since the Unix epoch. */
export function callDeadline({ tool }: ToolCall, now: number): number {
  const { retry: { attempts, maxDelayMs }, timeoutMs } = tool.contract;
  return now + attempts * timeoutMs + (attempts - 1) * maxDelayMs;
}

/**
 * Tries until it succeeds, up to the tool's number of attempts and within the call's deadline. The delay before the
 * n-th retry is uniform between 0 and min(maxDelay, baseDelay * 2^(n-1)): "full jitter" (Brooker, "Exponential Backoff
 * and Jitter", AWS Architecture Blog, 2015); and at least what the other side asked for by Retry-After.
 *
 * Throws the last {@link ToolError}, and anything else at once. Throws `tool.interrupted` (retryable) when the worker is
 * stopping and another attempt would be needed.
 */
export async function withRetries<T>(call: ToolCall, means: ExecutionMeans, mayRetry: (error: ToolError) => boolean, attempt: (number: number) => Promise<T>): Promise<T> {
  const clock = means.clock ?? systemClock;
  const random = means.random ?? Math.random;
  const deadline = callDeadline(call, clock.now());
  const { attempts, baseDelayMs, maxDelayMs } = call.tool.contract.retry;
  let made = 0;
  let delay = 0;
  const again = handleWhen((error) => {
    if (!(error instanceof ToolError) || !mayRetry(error)) return false;
    const jitter = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (made - 1));
    delay = Math.ceil(Math.max(jitter, error.retryAfterMs ?? 0));
    return clock.now() + delay < deadline;
  });
  return retry(again, { maxAttempts: attempts - 1, backoff: new DelegateBackoff(() => delay) }).execute(() => {
    if (made > 0 && means.signal?.aborted === true) throw interrupted(call);
    made += 1;
    return attempt(made);
  });
}

function interrupted(call: ToolCall): HoldfastError {
  return new HoldfastError({ code: 'tool.interrupted', message: `Call ${call.callId} of ${call.tool.name} was left between two attempts, because the worker stops.`, retryable: true, remedy: 'Nothing; another worker goes on with it.' });
}
