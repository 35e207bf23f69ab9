import { TimeoutStrategy, isTaskCancelledError, timeout } from 'cockatiel';
import type { CallContext } from '../tools/call-context.js';
import { silentLog } from '../tools/call-context.js';
import { ToolError } from '../tools/tool-error.js';
import type { ExecutionMeans, RunningCall } from './call.js';
import { systemClock } from './clock.js';
import { clip } from './outcomes.js';

/** Which attempt of its call it is, from 1, and when the call's time is over, in milliseconds since the Unix epoch. */
export interface AttemptPlace {
  readonly number: number;
  readonly deadline: number;
}

/**
 * Makes one attempt within the tool's time-out and what is left of the call's time, and notes it. Throws only {@link ToolError}: an attempt that took too
 * long, and one that threw something unforeseen, may have had their effect.
 */
export async function attemptOnce<T>(call: RunningCall, means: ExecutionMeans, { number, deadline }: AttemptPlace, act: (context: CallContext) => Promise<T>): Promise<T> {
  const clock = means.clock ?? systemClock;
  const at = clock.now();
  if (at >= deadline) throw deadlineExceeded(call.tool.name);
  const timeoutMs = Math.min(call.tool.contract.timeoutMs, deadline - at);
  const note = (outcome: string): void => {
    call.attempts.push({ at, durationMs: Math.max(0, clock.now() - at), outcome: clip(outcome, 200) });
  };
  try {
    const result = await timeout(timeoutMs, TimeoutStrategy.Aggressive).execute(({ signal }) => act(contextOf(call, means, number, signal, at + timeoutMs)));
    note('succeeded');
    return result;
  } catch (error) {
    const known = toToolError(call, error, timeoutMs);
    note(`${known.kind} ${known.code}`);
    throw known;
  }
}

function contextOf(call: RunningCall, means: ExecutionMeans, attempt: number, signal: AbortSignal, deadline: number): CallContext {
  return {
    ...(call.operationKey === undefined ? {} : { operationKey: call.operationKey }),
    signal,
    deadline,
    attempt,
    tenant: call.tenant,
    runId: call.runId,
    callId: call.callId,
    ...(call.dispatch === undefined ? {} : { dispatch: call.dispatch }),
    ...(call.worth === undefined ? {} : { worth: call.worth }),
    ...(call.memoryScopes === undefined ? {} : { memoryScopes: call.memoryScopes }),
    traceHeaders: call.traceHeaders ?? {},
    log: means.log ?? silentLog,
  };
}

function toToolError(call: RunningCall, error: unknown, timeoutMs: number): ToolError {
  if (error instanceof ToolError) return error;
  const { name } = call.tool.contract;
  if (isTaskCancelledError(error)) return ToolError.unknown({ code: 'tool.timed-out', message: `${name} did not answer within ${timeoutMs} ms.`, cause: error });
  return ToolError.unknown({ code: 'tool.threw', message: `${name} failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`, remedy: 'Correct the tool; it should say what it knows by a ToolError.', cause: error });
}

/** Certainly nothing was sent by the attempt that this is thrown in place of. */
export function deadlineExceeded(tool: string): ToolError {
  return ToolError.notDone({ code: 'tool.deadline-exceeded', message: `The time of this call of ${tool} was over before the attempt could begin; nothing was sent.`, remedy: 'Try again when the tool is less busy, or give its contract a longer deadlineMs.' });
}
