import type { Cause, FactOf, RunEvent } from '@holdfast/contracts';
import { isFolded } from '../state/folded.js';
import { callsWith, type LiveState, type RunState, type Winding } from '../state/state.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';
import { resolvedOutcome } from './tool.js';

/** A person's answer. It works once, for the one call that was asked about. */
export function decideApproval(state: RunState, fact: FactOf<'approval'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  const approval = state.approvals[fact.approvalId];
  if (state.phase === 'ended' || approval === undefined) {
    return isOver(fact.approvalId, state.decided) ? stale('the approval has been answered or is no longer needed') : refused('approval.unknown', `the run has no approval ${fact.approvalId}`);
  }
  return answer(state, approval.callId, fact.approvalId, fact.answer, fact.by, fact.comment, { kind: 'approval', id: fact.id }, at);
}

/** True for an approval about a call of a decision that the run has made: it was open once, or could have been. */
function isOver(approvalId: string, decided: number): boolean {
  const basis = /^(?:a|doubt)-c(\d+)-\d+$/.exec(approvalId)?.[1];
  return basis !== undefined && Number(basis) <= decided;
}

function answer(state: LiveState, callId: string, approvalId: string, given: 'approved' | 'rejected' | 'expired', by: string, comment: string, cause: Cause, at: number): Decision {
  const call = state.calls[callId];
  if (call === undefined) return stale('the call is no longer open');
  const events: RunEvent[] = [{ type: 'approval-answered', approvalId, callId, answer: given, by, comment }];
  if (call.status === 'in-doubt') {
    events.push({ type: 'tool-returned', callId, tool: call.tool, outcome: resolvedOutcome(given === 'approved', by) });
  } else if (given !== 'approved') {
    const why = given === 'expired' ? 'nobody approved it in time' : `${by} rejected it${comment === '' ? '' : `: ${comment}`}`;
    events.push({ type: 'call-refused', callId, tool: call.tool, reasons: [why] });
  }
  return commitOne(state, cause, at, events);
}

/** A timer that is due: the run's deadline, or an approval that nobody gave. */
export function decideTimer(state: RunState, fact: FactOf<'timer'>, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (state.phase === 'ended' || state.timers[fact.timerId] === undefined) return duplicate;
  const cause: Cause = { kind: 'timer', id: fact.id };
  const fired: RunEvent = { type: 'timer-fired', timerId: fact.timerId };
  if (fact.timerId === 'deadline') {
    if (state.winding !== undefined) return commitOne(state, cause, at, [fired]);
    return windDown(state, cause, at, [fired], { status: 'failed', reason: `the deadline of ${state.budgets.deadlineSeconds} s has passed` });
  }
  const approval = state.approvals[fact.timerId];
  if (approval === undefined) return commitOne(state, cause, at, [fired]);
  const decision = answer(state, approval.callId, approval.approvalId, 'expired', 'holdfast', '', cause, at);
  if (decision.kind !== 'commit') return decision;
  return commitOne(state, cause, at, [fired, ...decision.drafts[0].events.filter((event) => event.type !== 'run-ended')]);
}

export function decideSignal(state: RunState, fact: FactOf<'signal'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const label = { trust: 'user', secrecy: 'internal', source: `signal ${fact.name} by ${fact.by}` } as const;
  return commitOne(state, { kind: 'signal', id: fact.id }, at, [{ type: 'signal-received', name: fact.name, payload: fact.payload, by: fact.by, label }]);
}

/** People may stop, halt and continue a run at any point. */
export function decideControl(state: RunState, fact: FactOf<'control'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const cause: Cause = { kind: 'control', id: fact.id };
  switch (fact.action) {
    case 'cancel':
      if (state.winding !== undefined) return stale('the run is already being ended');
      return windDown(state, cause, at, [], { status: 'cancelled', reason: `${fact.by} cancelled the run${fact.reason === '' ? '' : `: ${fact.reason}`}` });
    case 'pause':
      return state.paused ? stale('the run is already paused') : commitOne(state, cause, at, [{ type: 'run-paused', by: fact.by, reason: fact.reason }]);
    case 'resume':
      return state.paused ? commitOne(state, cause, at, [{ type: 'run-resumed', by: fact.by }]) : stale('the run is not paused');
    default:
      return assertNever(fact.action);
  }
}

/** Nothing more is sent; what no adapter has yet is refused, and the run ends when the rest is accounted for. */
function windDown(state: LiveState, cause: Cause, at: number, first: readonly RunEvent[], winding: Winding): Decision {
  const unsent = callsWith(state, 'undispatched', 'awaiting-approval');
  return commitOne(state, cause, at, [
    ...first,
    { type: 'wind-down-begun', ...winding },
    ...unsent.map((call): RunEvent => ({ type: 'call-refused', callId: call.callId, tool: call.tool, reasons: [winding.reason] })),
  ]);
}

function assertNever(value: never): never {
  throw new TypeError(`unknown control ${String(value)}`);
}
