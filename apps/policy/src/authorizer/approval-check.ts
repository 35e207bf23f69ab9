import { canonicalJson, type ApprovalGrant, type PlannedCall, type Verdict } from '@holdfast/contracts';
import type { Approver, Judgement } from '@holdfast/policy-engine';
import type { RunView } from './run-view.js';

/** Why an approval does not cover a call by what the log says, or who gave it where it does, and what they were asked about. */
export type ApprovalFinding = { readonly approvers: readonly Approver[]; readonly escalatedTo: readonly string[]; readonly asked: Verdict | undefined } | { readonly reason: string };

/** Believes the log alone: the grant in the request only says which approval to look for. */
export function findApproval(view: RunView, grant: ApprovalGrant, call: PlannedCall): ApprovalFinding {
  const record = view.approvals.get(grant.approvalId);
  if (record === undefined) return { reason: `The run's log has no approval "${grant.approvalId}".` };
  const { requested, answered, counted, asked, escalatedTo = [] } = record;
  if (requested.callId !== call.callId || requested.tool !== call.tool) return { reason: `The approval "${grant.approvalId}" is for another call.` };
  if (answered === undefined) return { reason: `Nobody has answered the approval "${grant.approvalId}" yet.` };
  if (answered.event.answer !== 'approved') return { reason: answered.event.answer === 'expired' ? 'The time for the approval is over.' : `${answered.event.by} ${answered.event.answer} the call.` };
  if (answered.at > requested.expiresAt) return { reason: 'The approval was given after its time was over.' };
  if (canonicalJson(requested.arguments) !== canonicalJson(call.arguments)) return { reason: `The arguments are not those that ${answered.event.by} approved.` };
  const answers = counted === undefined ? [answered.event] : [counted.event, answered.event];
  return { approvers: answers.map(({ by, roles = [] }) => ({ by, roles })), escalatedTo, asked };
}

/**
 * What has changed since people were asked, `now` being what they would be asked today; nothing where the approval still
 * covers it. They agreed to what they were shown, under the policies and contracts of that day, and to nothing else.
 */
export function changesSince(asked: Verdict | undefined, now: Judgement): readonly string[] {
  if (asked === undefined) return ['The log does not say what they were shown.'];
  if (asked.policyDigest !== now.policyDigest) return ['Policies or contracts have changed since.', ...now.reasons];
  if (now.risk.score > asked.risk.score) return [`The risk is ${now.risk.score} now, and was ${asked.risk.score}.`, ...now.reasons];
  return now.reasons.filter((reason) => !asked.reasons.includes(reason));
}
