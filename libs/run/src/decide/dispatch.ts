import { RUNTIME_ADAPTER, abortTool, windowAt, type ApprovalNeeds, type Cause, type RunEvent, type RunEventOf, type Verdict } from '@holdfast/contracts';
import { approvalIdOf, escalationTimerOf } from '../names.js';
import { abortByAgent, isAbort } from './abort.js';
import { overdraft } from '../state/purse.js';
import { MOST_QUESTIONS, MOST_UNDOABLE, callsWith, ownMember, type CallState, type LiveState, type RunState } from '../state/state.js';
import { after, commitOne, duplicate, stale, type CommitDraft, type Decision, type JudgedCall } from './decision.js';
import { amountOf } from './amount.js';
import { simulating } from './simulation.js';
import { beginWait } from './wait.js';

/** Calls that are decided and that no commit has sent yet are judged again and sent: after an approval or a crash, or to undo. */
export function decideDispatch(state: RunState, id: string, judged: readonly JudgedCall[], at: number): Decision {
  if (state.phase !== 'acting') return stale('nothing waits to be dispatched');
  const waiting = judged.filter((call) => ownMember(state.calls, call.verdict.callId)?.status === 'undispatched');
  if (waiting.length === 0) return duplicate;
  return dispatch(state, { kind: 'dispatch', id }, at, [], waiting);
}

/** An event that a commit of its own has to carry, since the commit's route names who acts upon it. */
interface Send {
  readonly route: `call.${string}`;
  readonly event: RunEvent;
}

/**
 * The first commit says everything that was decided and sends the first allowed call; each further allowed call is a
 * commit of its own, since a commit's route can name one adapter only. A crash in between leaves calls undispatched,
 * which the state shows and {@link decideDispatch} takes up.
 */
export function dispatch(state: LiveState, cause: Cause, at: number, first: readonly RunEvent[], judged: readonly JudgedCall[]): Decision {
  const known = after(state, cause, at, first);
  if (known.phase === 'unborn' || known.phase === 'ended') return stale('the run has ended');
  const events: RunEvent[] = [...first];
  const sends: Send[] = [];
  const abort = judged.find((one) => isAbort(known, ownMember(known.calls, one.verdict.callId), one));
  if (abort !== undefined) return abortByAgent(state, known.calls[abort.verdict.callId] as CallState, cause, at, [...first, checked(abort, abortTool.name)]);
  for (const one of judged) {
    const call = ownMember(known.calls, one.verdict.callId);
    if (call === undefined) continue;
    events.push(checked(one, call.tool));
    // What has been decided for the calls before counts against this one's budgets.
    const current = after(state, cause, at, [...events, ...sends.map((send) => send.event)]) as LiveState;
    for (const event of resolve(current, call, one, at)) {
      const route = routeOf(event);
      if (route === undefined) events.push(event);
      else sends.push({ route, event });
    }
  }
  const [send, ...rest] = sends;
  if (send === undefined) return commitOne(state, cause, at, events);
  const drafts: [CommitDraft, ...CommitDraft[]] = [{ cause, at, events: [...events, send.event], route: send.route }];
  for (const later of rest) drafts.push({ cause, at, events: [later.event], route: later.route });
  return { kind: 'commit', drafts };
}

/** A verdict as it is recorded; its permit goes with the call that it permits. */
function checked({ verdict: { permit: _permit, ...recorded } }: JudgedCall, tool: string): RunEvent {
  return { type: 'policy-checked', tool, verdict: recorded };
}

/** Who acts upon an event, where the commit that carries it is the dispatch. */
function routeOf(event: RunEvent): `call.${string}` | undefined {
  if (event.type === 'tool-called') return `call.${event.adapter}`;
  return event.type === 'wait-begun' && event.wait.for === 'child' ? `call.${RUNTIME_ADAPTER}` : undefined;
}

/** What a verdict amounts to: the call is sent, waits, is asked about, is refused, or is held back while the run is paused. */
function resolve(state: LiveState, call: CallState, judged: JudgedCall, at: number): readonly RunEvent[] {
  const { verdict, contract, childRunId, shortfall } = judged;
  const needsPerson = call.undoes?.needsPerson === true && call.approval === undefined;
  if (verdict.outcome === 'allow' && verdict.permit !== undefined && contract !== undefined && !needsPerson) {
    if (state.paused) return [];
    const simulated = simulating(state, call, judged);
    if (simulated !== undefined) return simulated;
    if (contract.adapter === RUNTIME_ADAPTER) return beginWait(state, call, verdict, childRunId, at);
    const sent = sending(call, contract, verdict, verdict.permit, at);
    const obstacle = shortfall ?? obstacleTo(state, sent, call.undoes !== undefined);
    return [obstacle === undefined ? sent : refusal(call, [obstacle])];
  }
  // An approval that no longer covers the call is asked for again; whoever cannot get it through is told so in the end.
  if ((verdict.outcome === 'ask' && (call.asked ?? 0) < MOST_QUESTIONS) || (verdict.outcome === 'allow' && needsPerson)) {
    const told = state.simulation === undefined ? verdict.reasons : [...verdict.reasons, 'The effects of this run are simulated: agreeing makes nothing happen.'];
    const reasons = needsPerson ? [...told, 'The outcome that is to be undone was replayed from the ledger, so the effect may be another run\'s. A person must say that it may be undone.'] : told;
    return asking(state, call, reasons, verdict.needs, at);
  }
  return [refusal(call, verdict.reasons)];
}

function sending(call: CallState, contract: NonNullable<JudgedCall['contract']>, { policyDigest, draws = [] }: Verdict, permit: string, at: number): RunEventOf<'tool-called'> {
  const { adapter, effect, digest, compensate } = contract;
  const amount = amountOf(call, contract);
  // What undoes is neither undone in its turn nor paid for from the purse or any budget.
  const extra = call.undoes !== undefined ? {} : {
    ...(compensate === undefined ? {} : { compensate }),
    ...(amount === undefined ? {} : { amount }),
    ...(draws.length === 0 ? {} : { holds: draws.map(({ account, windowSeconds }) => ({ account, window: windowAt(windowSeconds, at), windowSeconds })) }),
  };
  return { type: 'tool-called', callId: call.callId, tool: call.tool, adapter, effect, arguments: { ...call.arguments }, contractDigest: digest, policyDigest, permit, ...extra };
}

/** Why an allowed call is not sent after all: the run's own limits stand above policy. */
function obstacleTo(state: LiveState, { tool, amount, compensate }: RunEventOf<'tool-called'>, isUndoing: boolean): string | undefined {
  const over = isUndoing ? undefined : overdraft(state, tool, amount);
  if (over !== undefined || compensate === undefined) return over;
  const outstanding = callsWith(state, 'called', 'in-doubt').filter((call) => call.compensate !== undefined).length;
  return state.undoable.length + outstanding < MOST_UNDOABLE ? undefined : `The run has done ${MOST_UNDOABLE} things that can be undone, and more cannot be remembered. End it and begin another.`;
}

function asking(state: LiveState, call: CallState, reasons: readonly string[], needs: ApprovalNeeds | undefined, at: number): readonly RunEvent[] {
  const approvalId = approvalIdOf(call.callId, (call.asked ?? 0) + 1);
  const expiresAt = at + state.budgets.approvalSeconds * 1000;
  const escalatesAt = needs?.escalation === undefined ? undefined : at + needs.escalation.afterSeconds * 1000;
  return [
    { type: 'approval-requested', approvalId, callId: call.callId, tool: call.tool, arguments: { ...call.arguments }, reasons: [...reasons], expiresAt, ...(needs === undefined ? {} : { needs }) },
    { type: 'timer-set', timerId: approvalId, dueAt: expiresAt, purpose: 'approval' },
    ...(escalatesAt === undefined || escalatesAt >= expiresAt ? [] : [{ type: 'timer-set', timerId: escalationTimerOf(approvalId), dueAt: escalatesAt, purpose: 'approval' } as const]),
  ];
}

function refusal(call: CallState, reasons: readonly string[]): RunEvent {
  return { type: 'call-refused', callId: call.callId, tool: call.tool, reasons: [...reasons] };
}
