import { canonicalJson, type ApprovalGrant, type PlannedCall } from '@holdfast/contracts';
import type { RunView } from './run-view.js';

/** Why an approval does not cover a call by what the log says, or who gave it where it does. */
export type ApprovalFinding = { readonly approver: string } | { readonly reason: string };

/** Believes the log alone: the grant in the request only says which approval to look for. */
export function findApproval(view: RunView, grant: ApprovalGrant, call: PlannedCall): ApprovalFinding {
  const record = view.approvals.get(grant.approvalId);
  if (record === undefined) return { reason: `The run's log has no approval "${grant.approvalId}".` };
  const { requested, answered } = record;
  if (requested.callId !== call.callId || requested.tool !== call.tool) return { reason: `The approval "${grant.approvalId}" is for another call.` };
  if (answered === undefined) return { reason: `Nobody has answered the approval "${grant.approvalId}" yet.` };
  if (answered.event.answer !== 'approved') return { reason: answered.event.answer === 'expired' ? 'The time for the approval is over.' : `${answered.event.by} rejected the call.` };
  if (answered.at > requested.expiresAt) return { reason: 'The approval was given after its time was over.' };
  if (canonicalJson(requested.arguments) !== canonicalJson(call.arguments)) return { reason: `The arguments are not those that ${answered.event.by} approved.` };
  return { approver: answered.event.by };
}
