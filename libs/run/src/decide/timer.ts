import type { Cause, FactOf, RunEvent } from '@holdfast/contracts';
import { DEADLINE, escalationTimerOf } from '../names.js';
import { faultsOf, type RunState } from '../state/state.js';
import { answerEvents } from './approval.js';
import { windDown } from './control.js';
import { commitOne, duplicate, stale, type Decision } from './decision.js';
import { timeIsUp } from './wait.js';

/** A timer that is due: the run's deadline, an approval that nobody gave, or a call that waits for this very moment. */
export function decideTimer(state: RunState, fact: FactOf<'timer'>, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (state.phase === 'ended' || !Object.hasOwn(state.timers, fact.timerId)) return duplicate;
  const cause: Cause = { kind: 'timer', id: fact.id };
  const fired: RunEvent = { type: 'timer-fired', timerId: fact.timerId };
  if (fact.timerId === DEADLINE) {
    if (state.winding !== undefined) return commitOne(state, cause, at, [fired]);
    return windDown(state, cause, at, [fired], { status: 'failed', reason: `the deadline of ${state.budgets.deadlineSeconds} s has passed${unanswered(state)}` });
  }
  const waiting = Object.values(state.approvals).find(({ approvalId }) => escalationTimerOf(approvalId) === fact.timerId);
  if (waiting?.needs?.escalation !== undefined) {
    const { approvalId, callId, needs: { escalation: { roles } } } = waiting;
    return commitOne(state, cause, at, [fired, { type: 'approval-escalated', approvalId, callId, roles }]);
  }
  const approval = state.approvals[fact.timerId];
  if (approval !== undefined) return commitOne(state, cause, at, [fired, ...answerEvents(state, approval, { answer: 'expired', by: 'holdfast', comment: '' })]);
  return commitOne(state, cause, at, [fired, ...timeIsUp(state, fact.timerId)]);
}

function unanswered(state: RunState): string {
  const faults = faultsOf(state);
  return faults.length === 0 ? '' : ` while no model answered (${faults.join(', ')})`;
}
