import type { ModelFault, Question } from '@holdfast/contracts';
import { DEADLINE, approvalIdOf, doubtIdOf } from '../names.js';
import { awaitedBasis, callsWith, faultsOf, openApprovalOf, type CallState, type LiveState, type RunState } from './state.js';

/**
 * Where a run stands, as one word. Several things may be so at once (one call is out while another waits for a person);
 * then the one that a person would want to know first is named, and {@link waitsFor} names all of them.
 */
export type Standing = 'unborn' | 'planning' | 'awaiting-policy' | 'awaiting-approval' | 'calling' | 'waiting' | 'parked' | 'in-doubt' | 'compensating' | 'paused' | 'ended';

export function standingOf(state: RunState): Standing {
  switch (state.phase) {
    case 'unborn':
    case 'ended':
      return state.phase;
    case 'planning':
      return state.paused ? 'paused' : 'planning';
    case 'acting':
      return standingOfLive(state);
    default:
      return assertNever(state);
  }
}

const URGENCY: readonly (readonly [CallState['status'], Standing])[] = [
  ['in-doubt', 'in-doubt'], ['awaiting-approval', 'awaiting-approval'], ['parked', 'parked'], ['called', 'calling'], ['waiting', 'waiting'], ['undispatched', 'awaiting-policy'],
];

function standingOfLive(state: LiveState): Standing {
  if (state.paused) return 'paused';
  const found = URGENCY.find(([status]) => callsWith(state, status).length > 0)?.[1] ?? 'planning';
  const isUndoing = callsWith(state, 'undispatched', 'called').some((call) => call.undoes !== undefined);
  return isUndoing && (found === 'calling' || found === 'awaiting-policy') ? 'compensating' : found;
}

/** One thing that has to happen before a run goes on, by the name under which it can be found. */
export type Awaited =
  /** The run's first fact. */
  | { readonly for: 'task' }
  /** A proposal for this plan commit, and why no model has answered so far. */
  | { readonly for: 'planner'; readonly basis: number; readonly faults?: readonly ModelFault[] }
  /** A verdict, and the commit that sends the call. */
  | { readonly for: 'policy'; readonly callId: string; readonly tool: string }
  /** A person's answer, or the end of its time. */
  | { readonly for: 'approval'; readonly callId: string; readonly tool: string; readonly approvalId: string; readonly until: number }
  /** The outcome of a call that an adapter has. */
  | { readonly for: 'adapter'; readonly callId: string; readonly tool: string; readonly adapter: string }
  | { readonly for: 'time'; readonly callId: string; readonly timerId: string; readonly until: number }
  | { readonly for: 'signal'; readonly callId: string; readonly name: string; readonly until?: number; /** What a person is asked, whose answer is the signal. */ readonly question?: Question }
  /** The end of a run that this one started. */
  | { readonly for: 'child'; readonly callId: string; readonly runId: string }
  /** A person's word whether an effect happened. */
  | { readonly for: 'word'; readonly callId: string; readonly tool: string; readonly approvalId: string }
  /** A person who accepts the tool's contract, or lifts its quarantine otherwise. */
  | { readonly for: 'contract'; readonly callId: string; readonly tool: string; readonly quarantine: number; readonly reason: string }
  /** A person who resumes the paused run. */
  | { readonly for: 'resume' };

/** What a run waits for, all of it, by name; empty for a run that has ended, and for no other. */
export function waitsFor(state: RunState): readonly Awaited[] {
  switch (state.phase) {
    case 'unborn':
      return [{ for: 'task' }];
    case 'ended':
      return [];
    case 'planning':
    case 'acting': {
      const basis = awaitedBasis(state);
      const faults = faultsOf(state);
      return [
        ...(state.paused ? [{ for: 'resume' } as const] : []),
        ...(basis === undefined ? [] : [{ for: 'planner', basis, ...(faults.length === 0 ? {} : { faults }) } as const]),
        ...Object.values(state.calls).flatMap((call) => awaitedBy(state, call)),
      ];
    }
    default:
      return assertNever(state);
  }
}

function awaitedBy(state: LiveState, call: CallState): readonly Awaited[] {
  const { callId, tool } = call;
  switch (call.status) {
    case 'undispatched':
      return [{ for: 'policy', callId, tool }];
    case 'awaiting-approval': {
      const asked = openApprovalOf(state, callId);
      return [{ for: 'approval', callId, tool, approvalId: asked?.approvalId ?? approvalIdOf(callId), until: asked?.expiresAt ?? state.timers[DEADLINE] ?? 0 }];
    }
    case 'called':
      return [{ for: 'adapter', callId, tool, adapter: call.adapter ?? 'unknown' }];
    case 'waiting':
      return waited(callId, call.wait);
    case 'in-doubt':
      return [{ for: 'word', callId, tool, approvalId: openApprovalOf(state, callId)?.approvalId ?? doubtIdOf(callId) }];
    case 'parked':
      return [{ for: 'contract', callId, tool, quarantine: call.parked?.quarantine ?? 0, reason: call.parked?.reason ?? '' }];
    case 'settled':
      return [];
    default:
      return assertNever(call.status);
  }
}

function waited(callId: string, wait: CallState['wait']): readonly Awaited[] {
  switch (wait?.for) {
    case 'time':
      return [{ for: 'time', callId, timerId: wait.timerId, until: wait.dueAt }];
    case 'signal':
      return [{ for: 'signal', callId, name: wait.name, ...(wait.dueAt === undefined ? {} : { until: wait.dueAt }), ...(wait.question === undefined ? {} : { question: wait.question }) }];
    case 'child':
      return [{ for: 'child', callId, runId: wait.runId }];
    case undefined:
      return [];
    default:
      return assertNever(wait);
  }
}

function assertNever(value: never): never {
  throw new TypeError(`unknown state ${JSON.stringify(value)}`);
}
