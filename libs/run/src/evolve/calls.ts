import { hasActed, type RunEventOf, type ToolOutcome } from '@holdfast/contracts';
import type { CallState, LiveState, Undone } from '../state/state.js';
import { escalationTimerOf } from '../names.js';
import { using } from '../state/purse.js';
import { workedBy } from '../state/standing-plan.js';
import { HistoryError } from './history-error.js';

export function withCall(state: LiveState, callId: string, change: Partial<CallState>): LiveState {
  return { ...state, calls: { ...state.calls, [callId]: { ...callOf(state, callId), ...change } } };
}

function callOf(state: LiveState, callId: string): CallState {
  const call = state.calls[callId];
  if (call === undefined) throw new HistoryError(`an event about the unknown call ${callId}`);
  return call;
}

/** A settled call waits for nobody: whatever was asked and set for it goes with it. */
export function settled(state: LiveState, callId: string): LiveState {
  const asked = Object.values(state.approvals).filter((approval) => approval.callId === callId);
  const wait = state.calls[callId]?.wait;
  const rest = asked.reduce((left, approval) => withoutApproval(left, approval.approvalId), state);
  const timerId = wait === undefined || wait.for === 'child' ? undefined : wait.timerId;
  return withCall(timerId === undefined ? rest : { ...rest, timers: without(rest.timers, timerId) }, callId, { status: 'settled' });
}

/** The approval and its timer are over. Histories of release 0.1.0 hold answers to approvals of settled calls as well. */
export function withoutApproval(state: LiveState, approvalId: string): LiveState {
  return { ...state, approvals: without(state.approvals, approvalId), timers: without(without(state.timers, approvalId), escalationTimerOf(approvalId)) };
}

/** The call as if nobody had approved it. */
export function withoutConsent(state: LiveState, callId: string): LiveState {
  const { approval: _approval, ...call } = callOf(state, callId);
  return { ...state, calls: { ...state.calls, [callId]: call } };
}

/** What an outcome does to its call, to the purse, and to the signals that nobody has seen. */
export function returned(state: LiveState, event: RunEventOf<'tool-returned'>): LiveState {
  const { callId, outcome } = event;
  const call = state.calls[callId];
  if (outcome.status === 'in-doubt') return inDoubt(state, callId, outcome);
  let next = settled(state, callId);
  // Money that did not move may be spent again.
  if (outcome.status === 'failed' && !hasActed(outcome) && call?.effect !== undefined) next = givenBack(next, call);
  if (outcome.status === 'succeeded' && call?.undoes === undefined) next = workedBy(next, event.tool);
  if (call?.wait?.for === 'signal') next = { ...next, unseen: without(next.unseen, call.wait.name) };
  return undone(next, call, outcome.status === 'succeeded' || hasActed(outcome) ? undefined : outcome.failure.message);
}

/** It counts against the run's own budgets like a call that is sent, and the outcome in the same commit settles it. */
export function simulated(state: LiveState, { callId, tool, effect, contractDigest, amount, from }: RunEventOf<'call-simulated'>): LiveState {
  const called = using(withCall(state, callId, { status: 'called', effect, contractDigest, ...(amount === undefined ? {} : { amount }) }), tool, { calls: 1, amount: amount ?? 0 });
  const { origin, simulation, spent } = called;
  const usedUpTo = from === undefined || from.runId !== origin?.runId ? simulation?.usedUpTo : Math.max(from.number, simulation?.usedUpTo ?? 0);
  return { ...called, spent: { ...spent, amount: spent.amount + (amount ?? 0) }, ...(usedUpTo === undefined ? {} : { simulation: { usedUpTo } }) };
}

function inDoubt(state: LiveState, callId: string, { operationKey, claim }: Extract<ToolOutcome, { status: 'in-doubt' }>): LiveState {
  const { resolved: _over, doubt: _before, ...call } = callOf(state, callId);
  const doubt = { ...(operationKey === undefined ? {} : { operationKey }), ...(claim === undefined ? {} : { claim }) };
  return { ...state, calls: { ...state.calls, [callId]: { ...call, status: 'in-doubt', ...(Object.keys(doubt).length === 0 ? {} : { doubt }) } } };
}

/** The call was not sent; a person's consent to it was given while the tool was another, so it is asked for again. */
export function parked(state: LiveState, { callId, quarantine, reason }: RunEventOf<'call-parked'>): LiveState {
  return withCall(withoutConsent(notSent(state, callId), callId), callId, { status: 'parked', parked: { quarantine, reason } });
}

export function released(state: LiveState, { callId }: RunEventOf<'call-released'>): LiveState {
  return withCall(notSent(state, callId), callId, { status: 'undispatched' });
}

/** The call as it was before it was sent, with its money back in the purse: when it is sent again, both are recorded anew. */
function notSent(state: LiveState, callId: string): LiveState {
  const { effect, adapter: _adapter, contractDigest: _digest, dispatch: _dispatch, compensate: _compensate, amount = 0, holds: _holds, doubt: _doubt, resolved: _resolved, parked: _parked, ...call } = callOf(state, callId);
  const unsent = { ...state, calls: { ...state.calls, [callId]: call } };
  // A parked call was taken back when it was parked.
  return effect === undefined ? unsent : givenBack(unsent, { tool: call.tool, amount });
}

function givenBack(state: LiveState, { tool, amount = 0 }: Pick<CallState, 'tool' | 'amount'>): LiveState {
  return using({ ...state, spent: { ...state.spent, amount: state.spent.amount - amount } }, tool, { calls: -1, amount: -amount });
}

/** Records what became of a call that was to undo another. */
export function undone(state: LiveState, call: CallState | undefined, failure: string | undefined): LiveState {
  if (call?.undoes === undefined) return state;
  const { callId } = call.undoes;
  const { done, failed } = state.undone;
  const after: Undone = failure === undefined ? { done: [...done, callId], failed } : { done, failed: [...failed, { callId, tool: call.tool, reason: failure.slice(0, 200) }] };
  return { ...state, undone: after };
}

export function without<T>(record: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, name)) return record;
  const { [name]: _gone, ...rest } = record;
  return rest;
}
