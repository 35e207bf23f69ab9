import type { Commit, RunEvent } from '@holdfast/contracts';
import { nothingFolded, withFolded } from './state/folded.js';
import { type Acting, type CallState, type Ended, type LiveState, type Planning, type RunState, callsWith } from './state/state.js';

/** What of a commit changes the state; hashes and pointers do not. */
export type FoldableCommit = Pick<Commit, 'number' | 'route' | 'events' | 'cause' | 'at'>;

/** A history that no orchestrator of ours can have written. Its code tells operators to quarantine the run. */
export class HistoryError extends Error {
  readonly code = 'run.history-impossible';
}

/** The state after one commit. Pure: the same history always gives the same state. */
export function evolve(state: RunState, commit: FoldableCommit): RunState {
  const expected = state.phase === 'unborn' ? 1 : state.head + 1;
  if (commit.number !== expected) throw new HistoryError(`commit ${commit.number} follows where commit ${expected} is due`);
  let next = state;
  for (const event of commit.events) next = apply(next, event, commit);
  if (next.phase === 'unborn') throw new HistoryError('a history begins with task-accepted');
  return settle({ ...next, head: commit.number, folded: withFolded(next.folded, commit.cause), basis: commit.route === 'plan' ? commit.number : next.basis });
}

/** The state after a whole history, from the beginning or from a known state. */
export function fold(commits: Iterable<FoldableCommit>, from: RunState): RunState {
  let state = from;
  for (const commit of commits) state = evolve(state, commit);
  return state;
}

/** Planning and acting are told apart by whether any call is unsettled. */
function settle(state: Exclude<RunState, { phase: 'unborn' }>): RunState {
  if (state.phase === 'ended') return state;
  const unsettled = callsWith(state, 'undispatched', 'awaiting-approval', 'called', 'in-doubt').length > 0;
  return unsettled ? ({ ...state, phase: 'acting' } satisfies Acting) : ({ ...state, phase: 'planning', calls: {} } satisfies Planning);
}

function apply(state: RunState, event: RunEvent, commit: FoldableCommit): RunState {
  if (event.type === 'task-accepted') {
    if (state.phase !== 'unborn') throw new HistoryError('a task is accepted once');
    return {
      phase: 'planning', task: event.task, agent: event.agent, budgets: event.budgets, head: 0, basis: 0, decided: 0, steps: 0,
      calls: {}, approvals: {}, timers: {}, folded: nothingFolded, paused: false,
    };
  }
  if (state.phase === 'unborn') throw new HistoryError(`${event.type} before task-accepted`);
  if (state.phase === 'ended') throw new HistoryError(`${event.type} after run-ended`);
  return applyToLive(state, event, commit);
}

function applyToLive(state: LiveState, event: Exclude<RunEvent, { type: 'task-accepted' }>, commit: FoldableCommit): RunState {
  switch (event.type) {
    case 'decision-made':
      return { ...state, steps: state.steps + 1, decided: event.proposal.basis, calls: Object.fromEntries(event.proposal.requests.map((request, index) => {
        const callId = callIdOf(event.proposal.basis, index);
        return [callId, { callId, requestId: request.requestId, tool: request.tool, arguments: request.arguments, status: 'undispatched' } satisfies CallState];
      })) };
    case 'policy-checked':
      return state;
    case 'tool-called':
      return withCall(state, event.callId, { status: 'called', effect: event.effect });
    case 'call-refused':
      return settled(state, event.callId);
    case 'tool-returned':
      return event.outcome.status === 'in-doubt' ? withCall(state, event.callId, { status: 'in-doubt' }) : settled(state, event.callId);
    case 'approval-requested': {
      const waiting = { ...state, approvals: { ...state.approvals, [event.approvalId]: { approvalId: event.approvalId, callId: event.callId, expiresAt: event.expiresAt } } };
      return state.calls[event.callId]?.status === 'in-doubt' ? waiting : withCall(waiting, event.callId, { status: 'awaiting-approval' });
    }
    case 'approval-answered': {
      const answered = withoutApproval(state, event.approvalId);
      if (event.answer !== 'approved' || state.calls[event.callId]?.status !== 'awaiting-approval') return answered;
      return withCall(answered, event.callId, { status: 'undispatched', approval: { approvalId: event.approvalId, by: event.by, at: commit.at } });
    }
    case 'timer-set':
      return { ...state, timers: { ...state.timers, [event.timerId]: event.dueAt } };
    case 'timer-fired':
      return { ...state, timers: without(state.timers, event.timerId) };
    case 'run-paused':
      return { ...state, paused: true };
    case 'run-resumed':
      return { ...state, paused: false };
    case 'wind-down-begun':
      return { ...state, winding: { status: event.status, reason: event.reason } };
    case 'run-ended':
      return { ...state, phase: 'ended', status: event.status, reason: event.reason, answer: event.answer, approvals: {}, timers: {} } satisfies Ended;
    case 'observation-recorded':
    case 'signal-received':
      return state;
    default:
      return assertNever(event);
  }
}

/** The approval with its timer is over. Histories of release 0.1.0 hold answers to approvals of calls that were settled. */
function withoutApproval(state: LiveState, approvalId: string): LiveState {
  return { ...state, approvals: without(state.approvals, approvalId), timers: without(state.timers, approvalId) };
}

/** A settled call waits for nobody: what was still asked about it goes with it. */
function settled(state: LiveState, callId: string): LiveState {
  const asked = Object.values(state.approvals).filter((approval) => approval.callId === callId);
  return withCall(asked.reduce((rest, approval) => withoutApproval(rest, approval.approvalId), state), callId, { status: 'settled' });
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, name)) return record;
  const { [name]: _gone, ...rest } = record;
  return rest;
}

function withCall(state: LiveState, callId: string, change: Partial<CallState>): LiveState {
  const call = state.calls[callId];
  if (call === undefined) throw new HistoryError(`an event about the unknown call ${callId}`);
  return { ...state, calls: { ...state.calls, [callId]: { ...call, ...change } } };
}

function assertNever(event: never): never {
  throw new HistoryError(`unknown event ${JSON.stringify(event)}`);
}

/** The id of a decision's n-th call: derived, so that whoever decides again arrives at the same one. */
export function callIdOf(basis: number, index: number): string {
  return `c${basis}-${index + 1}`;
}
