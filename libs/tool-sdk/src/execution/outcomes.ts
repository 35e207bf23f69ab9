import type { Attempt, Failure, HoldfastErrorShape, ToolOutcome } from '@holdfast/contracts';
import type { Claim } from '../ledger/operation.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';

/** The largest result that is recorded, in bytes of its JSON. */
export const MAXIMUM_RESULT_BYTES = 256 * 1024;

/** Everything a failure says, cut to what the log holds. */
export function failureOf(error: Omit<HoldfastErrorShape, 'cause'>): Failure {
  return { code: error.code, message: clip(error.message, 4_000), retryable: error.retryable, remedy: clip(error.remedy, 1_000) };
}

export function failed(error: Omit<HoldfastErrorShape, 'cause'>, attempts: readonly Attempt[] = []): ToolOutcome {
  return { status: 'failed', failure: failureOf(error), attempts: [...attempts] };
}

/** Nobody can know whether the effect happened, so nobody may act again before a person or a rule has found out. */
export function inDoubt(tool: Tool, { record: { operationKey }, sequence }: Claim, reason: string, attempts: readonly Attempt[]): ToolOutcome {
  const failure = failureOf({
    code: 'tool.in-doubt',
    message: `Whether ${tool.name} took effect cannot be known: ${reason}`,
    retryable: false,
    remedy: 'Look in the system of record whether it happened, and say so; do not repeat it before.',
  });
  return { status: 'in-doubt', failure, attempts: [...attempts], operationKey, claim: sequence };
}

/**
 * The outcome of an effect that happened. When its result does not follow the contract or is too large, the outcome is
 * a failure, but with a code by which the ledger knows that the operation was done: it is final for every asker and
 * never repeated. Calling it in doubt would be wrong, since there is no doubt that it happened.
 */
export function succeeded(tool: Tool, result: unknown, attempts: readonly Attempt[]): ToolOutcome {
  const parsed = tool.checkOutput(result);
  const acted = `${tool.name} ${tool.effect === 'read' ? 'answered' : 'acted'}`;
  if (!parsed.ok) {
    const reasons = parsed.faults.join('; ');
    return failed(ToolError.done({ code: 'tool.output-invalid', message: `${acted}, but its result does not follow its contract: ${reasons}` }), attempts);
  }
  let text: string;
  try {
    text = JSON.stringify(parsed.value) ?? 'null';
  } catch (cause) {
    return failed(ToolError.done({ code: 'tool.output-invalid', message: `${acted}, but its result has no JSON form.`, cause }), attempts);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > MAXIMUM_RESULT_BYTES) {
    return failed(ToolError.done({ code: 'tool.result-too-large', message: `${acted}, but its result has ${bytes} bytes; at most ${MAXIMUM_RESULT_BYTES} are recorded.`, remedy: 'Let the tool return less, or a reference to the whole.' }), attempts);
  }
  return { status: 'succeeded', result: JSON.parse(text) as unknown, replayed: false, attempts: [...attempts] };
}

/** An input that does not follow the contract, told so that a model can correct it. */
export function inputInvalid(tool: Tool, faults: readonly string[]): ToolOutcome {
  return failed({ code: 'tool.input-invalid', message: `The arguments of ${tool.name} are wrong. ${faults.join('; ')}.`, retryable: false, remedy: 'Correct the named arguments and call the tool again.' });
}

export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
