import type { FactOf, RunEvent } from '@holdfast/contracts';
import { isFolded } from '../state/folded.js';
import { openApprovalOf, ownMember, type RunState } from '../state/state.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';

/**
 * A person's word about a call in doubt. The commit hands it to the call's adapter, and the call is out until that has
 * told what the ledger holds then: another run's person may have been first. It is taken whether or not the run is paused
 * or being ended, because nothing is sent by it.
 */
export function decideResolution(state: RunState, fact: FactOf<'resolution'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const call = ownMember(state.calls, fact.callId);
  const asked = openApprovalOf(state, fact.callId);
  if (call?.status !== 'in-doubt' || asked === undefined) return stale(`call ${fact.callId} is not in doubt`);
  if (fact.approvalId !== undefined && fact.approvalId !== asked.approvalId) return stale(`the question ${fact.approvalId} has been answered`);
  const { callId, tool, adapter, effect, contractDigest, doubt = {} } = call;
  if (adapter === undefined || effect === undefined) return refused('doubt.adapter-unknown', `an earlier release sent call ${callId} and did not record by which adapter; answer the approval ${asked.approvalId} instead`);
  const { resolution, result, by, comment } = fact;
  const resolved: RunEvent = {
    type: 'doubt-resolved', approvalId: asked.approvalId, callId, tool, adapter, effect, arguments: { ...call.arguments }, ...(contractDigest === undefined ? {} : { contractDigest }), ...doubt,
    resolution, ...(result === undefined ? {} : { result }), by, comment,
  };
  return commitOne(state, { kind: 'resolution', id: fact.id }, at, [resolved]);
}
