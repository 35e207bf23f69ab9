import { spentOn, type Reading, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { callIdOf } from '../names.js';
import { using } from '../state/purse.js';
import { settledCall, somethingNew } from '../state/repeats.js';
import { adopted } from '../state/standing-plan.js';
import { MOST_UNDOABLE, MOST_UNSEEN, isErased, type CallState, type Ended, type LiveState, type RunState, type Unborn } from '../state/state.js';
import { acceptedRun, forkedRun } from './begin.js';
import { parked, released, returned, settled, simulated, undone, withCall, without, withoutApproval, withoutConsent } from './calls.js';
import { erasedRun } from './erased.js';
import type { FoldableCommit } from './evolve.js';
import { HistoryError } from './history-error.js';
import { readingAfter } from './reading.js';

/** The state after one event of a commit. */
export function apply(state: RunState, event: RunEvent, commit: FoldableCommit): RunState {
  if (event.type === 'content-erased') return erasedRun(state, event, commit.at);
  // Some of its commits may have been read before their key was gone.
  if (isErased(state)) return state;
  if (event.type === 'task-accepted' || event.type === 'run-forked') {
    if (state.phase !== 'unborn') throw new HistoryError('a run begins once');
    return knowing(event.type === 'task-accepted' ? acceptedRun(event, commit.at) : forkedRun(event, commit.cause.id, commit.at), readingAfter(undefined, event));
  }
  if (state.phase === 'unborn') throw new HistoryError(`${event.type} before the run began`);
  if (state.phase === 'ended') throw new HistoryError(`${event.type} after run-ended`);
  return knowing(applyToLive(state, event, commit), readingAfter(state.read, event));
}

function knowing<S extends Exclude<RunState, Unborn>>(state: S, read: Reading | undefined): S {
  return read === undefined || read === state.read ? state : { ...state, read };
}

function applyToLive(state: LiveState, event: Exclude<RunEvent, { type: 'task-accepted' | 'run-forked' | 'content-erased' }>, commit: FoldableCommit): Exclude<RunState, Unborn> {
  switch (event.type) {
    case 'decision-made':
      return decided(state, event);
    case 'plan-adopted':
      return adopted(state, event, commit.number);
    case 'policy-checked':
    case 'observation-recorded':
    case 'thread-read':
    case 'child-stop-asked':
      return state;
    case 'tool-called': {
      const { callId, effect, adapter, contractDigest, compensate, amount, holds } = event;
      const called = using(withCall(state, callId, { status: 'called', effect, adapter, contractDigest, dispatch: commit.number, ...(compensate === undefined ? {} : { compensate }), ...(amount === undefined ? {} : { amount }), ...(holds === undefined ? {} : { holds }) }), event.tool, { calls: 1, amount: amount ?? 0 });
      return amount === undefined ? called : { ...called, spent: { ...called.spent, amount: called.spent.amount + amount } };
    }
    case 'call-simulated':
      return simulated(state, event);
    case 'wait-begun':
      return withCall(state, event.callId, { status: 'waiting', wait: event.wait });
    case 'call-refused':
      return undone(settled(settledCall(state, event), event.callId), state.calls[event.callId], event.reasons.join(' '));
    case 'tool-returned':
      return returned(event.outcome.status === 'in-doubt' ? state : settledCall(state, event), event);
    case 'context-compacted': {
      const { upTo, model } = event;
      return { ...state, compacted: upTo, spent: model === undefined ? state.spent : spending(state.spent, model) };
    }
    case 'notice-given':
      return { ...state, told: { ...state.told, [event.about]: event.used } };
    case 'model-failed':
      return { ...state, stalled: { basis: event.basis, codes: [...(state.stalled?.basis === event.basis ? state.stalled.codes : []), event.code] } };
    case 'child-ended':
      return { ...Object.entries(event.usage.tools ?? {}).reduce((next, [tool, use]) => using(next, tool, use), state), spent: costing({ ...state.spent, tokens: state.spent.tokens + event.usage.tokens, amount: state.spent.amount + event.usage.amount }, event.usage.costMicros) };
    case 'approval-requested': {
      const { approvalId, callId, expiresAt, needs } = event;
      const waiting = { ...state, approvals: { ...state.approvals, [approvalId]: { approvalId, callId, expiresAt, ...(needs === undefined ? {} : { needs }) } } };
      const { status, doubts = 0, asked = 0 } = state.calls[callId] ?? {};
      // What was approved before is not what is asked about now.
      return status === 'in-doubt' ? withCall(waiting, callId, { doubts: doubts + 1 }) : withCall(withoutConsent(waiting, callId), callId, { status: 'awaiting-approval', asked: asked + 1 });
    }
    case 'approval-counted': {
      const approval = state.approvals[event.approvalId];
      return approval === undefined ? state : { ...state, approvals: { ...state.approvals, [event.approvalId]: { ...approval, counted: event.by } } };
    }
    case 'approval-escalated':
      return state;
    case 'approval-answered': {
      const answered = withoutApproval(state, event.approvalId);
      if (state.calls[event.callId]?.status !== 'awaiting-approval') return answered;
      if (event.answer === 'edited' || event.answer === 'endorsed') return withCall(answered, event.callId, { status: 'undispatched', ...(event.arguments === undefined ? {} : { arguments: event.arguments }) });
      if (event.answer !== 'approved') return answered;
      return withCall(answered, event.callId, { status: 'undispatched', approval: { approvalId: event.approvalId, by: event.by, at: commit.at } });
    }
    case 'doubt-resolved': {
      const { approvalId, callId, resolution, by } = event;
      return withCall(withoutApproval(state, approvalId), callId, { status: 'called', dispatch: commit.number, resolved: { resolution, by } });
    }
    case 'call-parked':
      return parked(state, event);
    case 'call-released':
      return released(state, event);
    case 'timer-set':
      return { ...state, timers: { ...state.timers, [event.timerId]: event.dueAt } };
    case 'timer-fired':
      return { ...state, timers: without(state.timers, event.timerId) };
    case 'signal-received':
      return { ...somethingNew(state), unseen: Object.fromEntries([...Object.entries(without(state.unseen, event.name)), [event.name, event.by]].slice(-MOST_UNSEEN)) };
    case 'compensation-noted': {
      const { type: _type, ...undoable } = event;
      return { ...state, undoable: [...state.undoable, undoable].slice(-MOST_UNDOABLE) };
    }
    case 'compensation-asked':
      return undoing(state, event);
    case 'run-paused':
      return { ...state, paused: true };
    case 'run-resumed':
      return { ...state, paused: false };
    case 'wind-down-begun': {
      const { status, reason, compensate } = event;
      return { ...state, winding: { status, reason, ...(compensate === undefined ? {} : { compensate }) } };
    }
    case 'run-ended': {
      const { status, reason, answer } = event;
      return { ...state, phase: 'ended', status, reason, ...(answer === undefined ? {} : { answer }), calls: {}, approvals: {}, timers: {}, unseen: {} } satisfies Ended;
    }
    default:
      return assertNever(event);
  }
}

function spending(spent: LiveState['spent'], call: Parameters<typeof spentOn>[0]): LiveState['spent'] {
  const { tokens, costMicros } = spentOn(call);
  return costing({ ...spent, tokens: spent.tokens + tokens }, costMicros);
}

/** What models cost is told only where a price was known. */
function costing(spent: LiveState['spent'], micros: number | undefined): LiveState['spent'] {
  return micros === undefined ? spent : { ...spent, costMicros: (spent.costMicros ?? 0) + micros };
}

function decided(state: LiveState, { proposal }: RunEventOf<'decision-made'>): LiveState {
  const calls = proposal.requests.map(({ requestId, tool, arguments: given }, index): [string, CallState] => {
    const callId = callIdOf(proposal.basis, index);
    return [callId, { callId, requestId, tool, arguments: given, status: 'undispatched' }];
  });
  return { ...state, steps: state.steps + 1, decided: proposal.basis, spent: spending(state.spent, proposal.model), calls: Object.fromEntries(calls) };
}

/** What is being undone leaves the list: it is tried once, and what became of it is told. */
function undoing(state: LiveState, event: RunEventOf<'compensation-asked'>): LiveState {
  const { callId, compensates, tool, arguments: given, needsPerson } = event;
  const call: CallState = { callId, requestId: callId, tool, arguments: given, status: 'undispatched', undoes: { callId: compensates, needsPerson } };
  return { ...state, calls: { ...state.calls, [callId]: call }, undoable: state.undoable.filter((one) => one.callId !== compensates) };
}

function assertNever(event: never): never {
  throw new HistoryError(`unknown event ${JSON.stringify(event)}`);
}
