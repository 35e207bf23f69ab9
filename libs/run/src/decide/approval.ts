import type { Cause, FactOf, RunEvent } from '@holdfast/contracts';
import { callOfApproval } from '../names.js';
import { OWN_LABEL } from '../labels.js';
import { isFolded } from '../state/folded.js';
import { ownMember, type ApprovalState, type Born, type LiveState, type RunState } from '../state/state.js';
import { noteCompensation } from './compensation.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';
import { resolvedOutcome } from './tool.js';

/** A person's answer. It works once, for the one call that was asked about. */
export function decideApproval(state: RunState, fact: FactOf<'approval'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  const approval = ownMember(state.approvals, fact.approvalId);
  if (state.phase === 'ended' || approval === undefined) {
    return isOver(state, fact.approvalId) ? stale('the approval has been answered or is no longer needed') : refused('approval.unknown', `the run has no approval ${fact.approvalId}`);
  }
  const cause: Cause = { kind: 'approval', id: fact.id };
  return commitOne(state, cause, at, answerEvents(state, approval, fact.answer, fact.by, fact.comment));
}

/** True for an approval about a call that the run has decided on: it was open once, or could have been. */
function isOver({ decided, winding }: Born, approvalId: string): boolean {
  const call = callOfApproval(approvalId);
  return call === 'undoing' ? winding?.compensate === true : call !== undefined && call.basis <= decided;
}

/** What an answer to an open approval amounts to; silence until the end of its time is the answer `expired`. */
export function answerEvents(state: LiveState, { approvalId, callId }: ApprovalState, answer: 'approved' | 'rejected' | 'expired', by: string, comment: string): readonly RunEvent[] {
  const call = state.calls[callId];
  const answered: RunEvent = { type: 'approval-answered', approvalId, callId, answer, by, comment };
  if (call?.status === 'in-doubt') {
    const outcome = resolvedOutcome(answer === 'approved', by);
    return [answered, { type: 'tool-returned', callId, tool: call.tool, outcome, ...(outcome.status === 'succeeded' ? {} : { label: OWN_LABEL }) }, ...noteCompensation(call, outcome)];
  }
  if (answer === 'approved' || call === undefined) return [answered];
  const why = answer === 'expired' ? 'nobody approved it in time' : `${by} rejected it${comment === '' ? '' : `: ${comment}`}`;
  return [answered, { type: 'call-refused', callId, tool: call.tool, reasons: [why] }];
}
