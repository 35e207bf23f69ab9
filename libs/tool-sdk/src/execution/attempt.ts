import { TimeoutStrategy, isTaskCancelledError, timeout } from 'cockatiel';
import type { CallContext } from '../tools/call-context.js';
import { silentLog } from '../tools/call-context.js';
import { ToolError } from '../tools/tool-error.js';
import type { ExecutionMeans, RunningCall } from './call.js';
import { systemClock } from './clock.js';
import { clip } from './outcomes.js';

/**
 * Makes one attempt within the tool's time-out and notes it. Throws only {@link ToolError}: an attempt that took too
 * long, and one that threw something unforeseen, may have had their effect.
 */
export async function attemptOnce<T>(call: RunningCall, means: ExecutionMeans, number: number, act: (context: CallContext) => Promise<T>): Promise<T> {
  const clock = means.clock ?? systemClock;
  const at = clock.now();
  const note = (outcome: string): void => {
    call.attempts.push({ at, durationMs: Math.max(0, clock.now() - at), outcome: clip(outcome, 200) });
  };
  try {
    const result = await timeout(call.tool.contract.timeoutMs, TimeoutStrategy.Aggressive).execute(({ signal }) => act(contextOf(call, means, number, signal, at)));
    note('succeeded');
    return result;
  } catch (error) {
    const known = toToolError(call, error);
    note(`${known.kind} ${known.code}`);
    throw known;
  }
}

function contextOf(call: RunningCall, means: ExecutionMeans, attempt: number, signal: AbortSignal, now: number): CallContext {
  return {
    ...(call.operationKey === undefined ? {} : { operationKey: call.operationKey }),
    signal,
    deadline: now + call.tool.contract.timeoutMs,
    attempt,
    tenant: call.tenant,
    runId: call.runId,
    callId: call.callId,
    traceHeaders: call.traceHeaders ?? {},
    log: means.log ?? silentLog,
  };
}

function toToolError(call: RunningCall, error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const { name, timeoutMs } = call.tool.contract;
  if (isTaskCancelledError(error)) return ToolError.unknown({ code: 'tool.timed-out', message: `${name} did not answer within ${timeoutMs} ms.`, cause: error });
  return ToolError.unknown({ code: 'tool.threw', message: `${name} failed unexpectedly: ${error instanceof Error ? error.message : String(error)}`, remedy: 'Correct the tool; it should say what it knows by a ToolError.', cause: error });
}
