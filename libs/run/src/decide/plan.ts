import type { Cause, FactOf, RunEvent } from '@holdfast/contracts';
import { callIdOf, evolve } from '../evolve.js';
import { isFolded } from '../state/folded.js';
import { awaitedBasis, type LiveState, type RunState } from '../state/state.js';
import { commitOne, duplicate, stale, type CommitDraft, type Decision, type JudgedCall } from './decision.js';

/** A proposal is a wish. It is accepted once, for the plan commit that it answers, and each of its calls is judged. */
export function decidePlan(state: RunState, fact: FactOf<'plan'>, judged: readonly JudgedCall[], at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, fact.id)) return duplicate;
  const { proposal } = fact;
  if (state.phase === 'ended' || awaitedBasis(state) !== proposal.basis) {
    return stale(`commit ${proposal.basis} does not wait for a proposal; the run is at commit ${state.head}`);
  }
  const cause: Cause = { kind: 'plan', id: fact.id };
  const decided: RunEvent = { type: 'decision-made', proposal };
  if (proposal.requests.length === 0) {
    return commitOne(state, cause, at, [decided, { type: 'run-ended', status: 'completed', answer: proposal.answer ?? proposal.text, reason: 'the planner gave its answer' }]);
  }
  if (state.steps + 1 > state.budgets.maxSteps) {
    return commitOne(state, cause, at, [decided, ...refuseAll(proposal, 'the run has used all its steps'), { type: 'run-ended', status: 'failed', reason: `the budget of ${state.budgets.maxSteps} steps is used up` }]);
  }
  return dispatch(state, cause, at, [decided], judged);
}

function refuseAll(proposal: FactOf<'plan'>['proposal'], reason: string): RunEvent[] {
  return proposal.requests.map((request, index) => ({ type: 'call-refused', callId: callIdOf(proposal.basis, index), tool: request.tool, reasons: [reason] }));
}

/** Calls that are allowed and that no commit has sent yet are judged again and sent, after an approval or a crash. */
export function decideDispatch(state: RunState, id: string, judged: readonly JudgedCall[], at: number): Decision {
  if (state.phase !== 'acting') return stale('nothing waits to be dispatched');
  const waiting = judged.filter((call) => state.calls[call.verdict.callId]?.status === 'undispatched');
  if (waiting.length === 0) return duplicate;
  return dispatch(state, { kind: 'dispatch', id }, at, [], waiting);
}

/**
 * The first commit says everything that was decided and sends the first allowed call; each further allowed call is a
 * commit of its own, since a commit's route can name one adapter only. A crash in between leaves calls undispatched,
 * which the state shows and {@link decideDispatch} takes up.
 */
function dispatch(state: LiveState, cause: Cause, at: number, first: readonly RunEvent[], judged: readonly JudgedCall[]): Decision {
  const known = evolve(state, { number: state.head + 1, route: 'wait', cause, at, events: [...first] });
  if (known.phase === 'unborn' || known.phase === 'ended') return stale('the run has ended');
  const events: RunEvent[] = [...first];
  const sends: { readonly event: RunEvent; readonly route: `call.${string}` }[] = [];
  for (const { verdict, contract } of judged) {
    const call = known.calls[verdict.callId];
    if (call === undefined) continue;
    const { permit, ...recorded } = verdict;
    events.push({ type: 'policy-checked', tool: call.tool, verdict: recorded });
    if (verdict.outcome === 'allow' && permit !== undefined && contract !== undefined) {
      if (state.paused) continue;
      sends.push({ route: `call.${contract.adapter}`, event: { type: 'tool-called', callId: call.callId, tool: call.tool, adapter: contract.adapter, effect: contract.effect, arguments: call.arguments, contractDigest: contract.digest, permit } });
    } else if (verdict.outcome === 'ask' && call.approval === undefined) {
      const approvalId = `a-${call.callId}`;
      const expiresAt = at + state.budgets.approvalSeconds * 1000;
      events.push({ type: 'approval-requested', approvalId, callId: call.callId, tool: call.tool, arguments: call.arguments, reasons: verdict.reasons, expiresAt });
      events.push({ type: 'timer-set', timerId: approvalId, dueAt: expiresAt, purpose: 'approval' });
    } else {
      events.push({ type: 'call-refused', callId: call.callId, tool: call.tool, reasons: verdict.reasons });
    }
  }
  const [send, ...rest] = sends;
  if (send === undefined) return commitOne(state, cause, at, events);
  const drafts: [CommitDraft, ...CommitDraft[]] = [{ cause, at, events: [...events, send.event], route: send.route }];
  for (const later of rest) drafts.push({ cause, at, events: [later.event], route: later.route });
  return { kind: 'commit', drafts };
}
