import type { FactOf, RunEvent } from '@holdfast/contracts';
import { isFolded } from '../state/folded.js';
import { isOutSince, ownMember, type RunState } from '../state/state.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';

/**
 * An adapter may not send the call while its tool is quarantined. Nobody has claimed it, so it is no longer out: a run that
 * is being ended refuses it at once, and any other waits until the tool is released.
 */
export function decideParked(state: RunState, fact: FactOf<'parked'>, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const call = ownMember(state.calls, fact.callId);
  // A call whose doubt was resolved has been claimed; nothing is sent for it that could be parked.
  if (call === undefined || !isOutSince(call, fact.dispatch) || call.resolved !== undefined) return stale(`call ${fact.callId} does not wait for this report`);
  const { callId, tool } = call;
  const parked: RunEvent = { type: 'call-parked', callId, tool, reason: fact.reason, quarantine: fact.quarantine };
  const isOver = state.winding !== undefined && call.undoes === undefined;
  return commitOne(state, { kind: 'parked', id: fact.id }, at, isOver ? [parked, { type: 'call-refused', callId, tool, reasons: [state.winding.reason] }] : [parked]);
}

/** The quarantine of a parked call's tool is lifted: policy judges the call under the contract that counts now. */
export function decideRelease(state: RunState, fact: FactOf<'release'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const call = ownMember(state.calls, fact.callId);
  if (call?.status !== 'parked' || call.parked === undefined) return stale(`call ${fact.callId} is not parked`);
  if (fact.quarantine < call.parked.quarantine) return stale(`call ${fact.callId} was parked under the later quarantine ${call.parked.quarantine}`);
  const { by, reason, quarantine } = fact;
  return commitOne(state, { kind: 'release', id: fact.id }, at, [{ type: 'call-released', callId: call.callId, tool: call.tool, by, reason, quarantine }]);
}
