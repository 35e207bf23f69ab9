import { RUNTIME_ADAPTER, abortTool, type Cause, type RunEvent } from '@holdfast/contracts';
import type { CallState, LiveState } from '../state/state.js';
import { windingDown } from './control.js';
import { after, commitOne, type Decision, type JudgedCall } from './decision.js';

const LONGEST_REASON = 1_000;

/** True for a call by which the agent gives its run up, and that policy allows now. */
export function isAbort(state: LiveState, call: CallState | undefined, { verdict, contract }: JudgedCall): boolean {
  return call?.tool === abortTool.name && call.undoes === undefined && state.winding === undefined && contract?.adapter === RUNTIME_ADAPTER && verdict.outcome === 'allow' && verdict.permit !== undefined && !state.paused && reasonOf(call) !== undefined;
}

/**
 * The agent gives its run up: what the run has done is undone as if a person had aborted it, and the run has failed, since
 * nobody from outside wanted its end. Whatever else it asked for and nobody has yet is refused.
 */
export function abortByAgent(state: LiveState, call: CallState, cause: Cause, at: number, first: readonly RunEvent[]): Decision {
  const done: RunEvent = { type: 'tool-returned', callId: call.callId, tool: call.tool, outcome: { status: 'succeeded', result: { aborted: true }, replayed: false, attempts: [] } };
  const events = [...first, done];
  const known = after(state, cause, at, events) as LiveState;
  return commitOne(state, cause, at, [...events, ...windingDown(known, { status: 'failed', reason: `the agent ${state.agent.name} aborted the run: ${reasonOf(call) ?? ''}`, compensate: true })]);
}

function reasonOf({ arguments: { reason } }: CallState): string | undefined {
  return typeof reason === 'string' && reason.length >= 1 && reason.length <= LONGEST_REASON ? reason : undefined;
}
