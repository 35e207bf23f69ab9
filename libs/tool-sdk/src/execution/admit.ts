import type { Admission } from '../guards/admission.js';
import { deadlineExceeded } from './attempt.js';
import type { ExecutionMeans, RunningCall } from './call.js';
import { systemClock } from './clock.js';
import { interrupted } from './retries.js';

/**
 * Waits until an attempt may begin: the tool's breaker lets it, and its rate limit has a token. A tool without retries is
 * not waited for by its breaker. Throws a `not-done` ToolError when it may not within the call's time (`tool.circuit-open`,
 * `tool.rate-limited`, `tool.deadline-exceeded`), and `tool.interrupted` (retryable) when the worker stops.
 */
export async function admit(call: RunningCall, means: ExecutionMeans): Promise<Admission> {
  const clock = means.clock ?? systemClock;
  const guard = means.guards.of(call.tool);
  for (let waited = false; ; waited = true) {
    if (waited && means.signal?.aborted === true) throw interrupted(call);
    const left = call.deadline - clock.now();
    if (left <= 0) throw deadlineExceeded(call.tool.name);
    const answer = await guard.admit();
    if (answer.status === 'admitted') return answer.admission;
    if (answer.waitMs >= left || (answer.guard === 'breaker' && call.tool.contract.retry.attempts === 1)) throw answer.error();
    await clock.sleep(answer.waitMs, means.signal);
  }
}
