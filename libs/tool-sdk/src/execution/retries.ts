import { DelegateBackoff, handleWhen, retry } from 'cockatiel';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError } from '../tools/tool-error.js';
import type { ExecutionMeans, ToolCall } from './call.js';
import { systemClock } from './clock.js';

/**
 * When the time of a call that begins now is over, in milliseconds since the Unix epoch: the contract's `deadlineMs`, or
 * what its attempts and the pauses between them may take at most. It spans all attempts; a call that is delivered again
 * begins anew, since who takes over from a dead worker must have time to find out what that did.
 */
export function callDeadline({ tool }: Pick<ToolCall, 'tool'>, now: number): number {
  const { retry: { attempts, maxDelayMs }, timeoutMs, deadlineMs } = tool.contract;
  return now + (deadlineMs ?? attempts * timeoutMs + (attempts - 1) * maxDelayMs);
}

/**
 * Tries until it succeeds, up to the tool's number of attempts, within the call's deadline and the tool's budget of retries. The delay before the
 * n-th retry is uniform between 0 and min(maxDelay, baseDelay * 2^(n-1)): "full jitter" (Brooker, "Exponential Backoff
 * and Jitter", AWS Architecture Blog, 2015); and at least what the other side asked for by Retry-After; when that is
 * beyond the deadline, the call ends at once.
 *
 * Throws the last {@link ToolError}, under the code `tool.retry-budget-spent` when only the budget kept it from another attempt, and anything else at once. Throws `tool.interrupted` (retryable) when the worker is
 * stopping and another attempt would be needed.
 */
export async function withRetries<T>(call: ToolCall & { readonly deadline: number }, means: ExecutionMeans, mayRetry: (error: ToolError) => boolean, attempt: (number: number) => Promise<T>): Promise<T> {
  const clock = means.clock ?? systemClock;
  const random = means.random ?? Math.random;
  const { deadline } = call;
  const { budget } = means.guards.of(call.tool);
  const { attempts, baseDelayMs, maxDelayMs } = call.tool.contract.retry;
  let made = 0;
  let delay = 0;
  const again = handleWhen((error) => {
    if (!(error instanceof ToolError) || !mayRetry(error)) return false;
    const jitter = random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (made - 1));
    delay = Math.ceil(Math.max(jitter, error.retryAfterMs ?? 0));
    if (made >= attempts || clock.now() + delay >= deadline) return false;
    if (budget.withdraw()) return true;
    throw budgetSpent(call, error);
  });
  budget.deposit();
  return retry(again, { maxAttempts: attempts - 1, backoff: new DelegateBackoff(() => delay) }).execute(() => {
    if (made > 0 && means.signal?.aborted === true) throw interrupted(call);
    made += 1;
    return attempt(made);
  });
}

export function interrupted(call: ToolCall): HoldfastError {
  return new HoldfastError({ code: 'tool.interrupted', message: `Call ${call.callId} of ${call.tool.name} was left between two attempts, because the worker stops.`, retryable: true, remedy: 'Nothing; another worker goes on with it.' });
}

/** Says as much of the effect as the attempt's own error did. */
function budgetSpent({ tool }: ToolCall, { kind, message, retryAfterMs, cause }: ToolError): ToolError {
  const shape = { code: 'tool.retry-budget-spent', message: `${message} ${tool.name} was not tried again: too many of its calls are being retried.`, remedy: 'Look at the system behind the tool; calls are retried again once fewer of them fail.', retryAfterMs, cause };
  return kind === 'unknown' ? ToolError.unknown(shape) : ToolError.notDone(shape);
}
