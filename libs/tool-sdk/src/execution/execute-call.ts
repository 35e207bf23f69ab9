import { HoldfastError, type ToolOutcome } from '@holdfast/contracts';
import { ToolError } from '../tools/tool-error.js';
import { admit } from './admit.js';
import { attemptOnce } from './attempt.js';
import type { ExecutionMeans, RunningCall, ToolCall } from './call.js';
import { executeMutation, operationOf } from './mutation.js';
import { failed, inputInvalid, succeeded } from './outcomes.js';
import { callDeadline, withRetries } from './retries.js';
import { systemClock } from './clock.js';

/**
 * Executes one call to its outcome. By the tool's effect class:
 *
 * | effect | retried when nothing happened | after a lost answer | after a lost worker |
 * |---|---|---|---|
 * | `read` | yes | again | again |
 * | `idempotent`, `keyed` | yes | again, with the same operation key | again, with the same operation key |
 * | `reconcilable` | yes | the system of record is asked first | the system of record is asked first |
 * | `at-most-once` | yes | in doubt | in doubt |
 *
 * Every effect is claimed in the ledger before and recorded after it; whoever asks for the same operation is given the
 * recorded outcome. A call that may not act is claimed and recorded as well: another delivery of it may have found its
 * permit in force and been stopped since, and must find the refusal when it goes on. Attempts that end in doubt stay in doubt, except where the tool can reconcile.
 *
 * A call waits in this order: for one of the tool's places, for its breaker and its rate, then for the claim. So no claim
 * grows old by waiting, and another attempt waits for breaker and rate before its claim is renewed.
 *
 * A failure of the call is an outcome. Thrown are only retryable errors (`effect.unavailable`, `effect.in-progress`,
 * `tool.interrupted`, `tool.crowded`), after which the same call should be executed again, and errors of the store itself.
 */
export async function executeCall(call: ToolCall, means: ExecutionMeans): Promise<ToolOutcome> {
  const { tool } = call;
  const parsed = tool.checkInput(call.args);
  // What may not act is not judged by its arguments: the contract may have changed since an earlier delivery of it acted.
  if (!parsed.ok && call.forbidden === undefined) return inputInvalid(tool, parsed.faults);
  const args = parsed.ok ? parsed.value : (call.args as Record<string, unknown>);
  const clock = means.clock ?? systemClock;
  const arrived = clock.now();
  // A deadline that the contract names counts from the call's arrival; what the attempts take at most, from when they may begin.
  const begun = (): RunningCall => ({ ...call, parsed: args, attempts: [], deadline: callDeadline(call, tool.contract.deadlineMs === undefined ? clock.now() : arrived) });
  if (tool.effect === 'read') return means.guards.of(tool).withPlace(() => executeRead(begun(), means));
  const operation = operationOf(call, args);
  try {
    return await means.guards.of(tool).withPlace(() => executeMutation({ ...begun(), operationKey: operation.operationKey }, operation, means));
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'effect.conflict') return failed(call.forbidden ?? error);
    throw error;
  }
}

async function executeRead(call: RunningCall, means: ExecutionMeans): Promise<ToolOutcome> {
  const { tool, attempts, parsed, forbidden } = call;
  if (forbidden !== undefined) return failed(forbidden);
  try {
    const mayRetry = ({ kind }: ToolError): boolean => kind === 'not-done' || kind === 'unknown';
    const once = (number: number): Promise<unknown> => admit(call, means).then((admission) => admission.run(() => attemptOnce(call, means, { number, deadline: call.deadline }, (context) => tool.execute(parsed, context))));
    return succeeded(tool, await withRetries(call, means, mayRetry, once), attempts);
  } catch (error) {
    if (error instanceof ToolError) return failed(error, attempts);
    throw error;
  }
}
