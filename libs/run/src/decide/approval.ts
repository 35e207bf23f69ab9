import { leavesOf, type Cause, type FactOf, type RunEvent, type RunEventOf, type VouchedValue } from '@holdfast/contracts';
import { callOfApproval } from '../names.js';
import { OWN_LABEL } from '../labels.js';
import { isFolded } from '../state/folded.js';
import { ownMember, type ApprovalState, type CallState, type Born, type LiveState, type RunState } from '../state/state.js';
import { noteCompensation } from './compensation.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';
import { resolvedOutcome } from './tool.js';

/** A person's answer. It works once, for the one call that was asked about; where two have to agree, each of them counts once. */
export function decideApproval(state: RunState, fact: FactOf<'approval'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  const approval = ownMember(state.approvals, fact.approvalId);
  if (state.phase === 'ended' || approval === undefined) {
    return isOver(state, fact.approvalId) ? stale('the approval has been answered or is no longer needed') : refused('approval.unknown', `the run has no approval ${fact.approvalId}`);
  }
  const cause: Cause = { kind: 'approval', id: fact.id };
  const { callId, counted, needs } = approval;
  const call = state.calls[callId];
  if (isRevision(fact) && call?.status !== 'awaiting-approval') return refused('approval.not-revisable', 'only a call that was not made yet can be made otherwise');
  if (fact.answer === 'approved' && call?.status === 'awaiting-approval' && (needs?.persons ?? 1) > 1) {
    const { approvalId, by, comment, roles } = fact;
    if (counted === by) return stale(`${by} has agreed already, and another person has to`);
    if (counted === undefined) return commitOne(state, cause, at, [{ type: 'approval-counted', approvalId, callId, by, comment, ...(roles === undefined ? {} : { roles }) }]);
  }
  return commitOne(state, cause, at, answerEvents(state, approval, fact));
}

/** True for an approval about a call that the run has decided on: it was open once, or could have been. */
function isOver({ decided, winding }: Born, approvalId: string): boolean {
  const call = callOfApproval(approvalId);
  return call === 'undoing' ? winding?.compensate === true : call !== undefined && call.basis <= decided;
}

type Answer = Pick<FactOf<'approval'>, 'by' | 'comment' | 'roles' | 'arguments' | 'endorse'> & { readonly answer: RunEventOf<'approval-answered'>['answer'] };

const isRevision = ({ answer }: Answer): boolean => answer === 'edited' || answer === 'endorsed';

/** What an answer to an open approval amounts to; silence until the end of its time is the answer `expired`. */
export function answerEvents(state: LiveState, { approvalId, callId }: ApprovalState, given: Answer): readonly RunEvent[] {
  const { answer, by, comment, roles } = given;
  const call = state.calls[callId];
  const revision = call !== undefined && isRevision(given) ? { values: [...vouchedIn(call, given)], ...(answer === 'edited' && given.arguments !== undefined ? { arguments: given.arguments } : {}) } : {};
  const answered: RunEvent = { type: 'approval-answered', approvalId, callId, answer, by, comment, ...(roles === undefined ? {} : { roles }), ...revision };
  if (call?.status === 'in-doubt') {
    const outcome = resolvedOutcome(answer === 'approved', by);
    return [answered, { type: 'tool-returned', callId, tool: call.tool, outcome, ...(outcome.status === 'succeeded' ? {} : { label: OWN_LABEL }) }, ...noteCompensation(call, outcome)];
  }
  if (answer === 'approved' || isRevision(given) || call === undefined) return [answered];
  const why = answer === 'expired' ? 'nobody approved it in time' : `${by} rejected it${comment === '' ? '' : `: ${comment}`}`;
  return [answered, { type: 'call-refused', callId, tool: call.tool, reasons: [why] }];
}

const MOST_VOUCHED = 256;

/** The values that a person vouches for: those that they changed, or those of the arguments that they name. */
function vouchedIn({ arguments: asked }: CallState, { answer, arguments: edited = asked, endorse = [] }: Answer): readonly VouchedValue[] {
  const valuesOf = (args: Readonly<Record<string, unknown>>): readonly VouchedValue[] =>
    leavesOf(args, { names: false }).flatMap(({ path, value }) => (typeof value === 'string' || typeof value === 'number' ? [{ argument: path.join('.').slice(0, 512), value }] : []));
  const before = new Map(valuesOf(asked).map(({ argument, value }) => [argument, value]));
  const vouched = answer === 'endorsed' ? valuesOf(asked).filter(({ argument }) => endorse.includes(argument)) : valuesOf(edited).filter(({ argument, value }) => before.get(argument) !== value);
  return vouched.slice(0, MOST_VOUCHED);
}
