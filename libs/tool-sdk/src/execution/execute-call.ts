import { HoldfastError, type ToolOutcome } from '@holdfast/contracts';
import { ToolError } from '../tools/tool-error.js';
import { attemptOnce } from './attempt.js';
import type { ExecutionMeans, RunningCall, ToolCall } from './call.js';
import { executeMutation, operationOf } from './mutation.js';
import { failed, inputInvalid, succeeded } from './outcomes.js';
import { withRetries } from './retries.js';

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
 * A failure of the call is an outcome. Thrown are only retryable errors (`effect.unavailable`, `effect.in-progress`,
 * `tool.interrupted`), after which the same call should be executed again, and errors of the store itself.
 */
export async function executeCall(call: ToolCall, means: ExecutionMeans): Promise<ToolOutcome> {
  const { tool } = call;
  const parsed = tool.checkInput(call.args);
  if (!parsed.ok) return inputInvalid(tool, parsed.faults);
  const running: RunningCall = { ...call, parsed: parsed.value, attempts: [] };
  if (tool.effect === 'read') return means.guards.of(tool).withPlace(() => executeRead(running, means));
  const operation = operationOf(call, parsed.value);
  try {
    return await means.guards.of(tool).withPlace(() => executeMutation({ ...running, operationKey: operation.operationKey }, operation, means));
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
    const once = (number: number): Promise<unknown> => means.guards.of(tool).throughCircuit(() => attemptOnce(call, means, number, (context) => tool.execute(parsed, context)));
    return succeeded(tool, await withRetries(call, means, mayRetry, once), attempts);
  } catch (error) {
    if (error instanceof ToolError) return failed(error, attempts);
    throw error;
  }
}
