import type { Budgets, EffectClass, Task } from '@holdfast/contracts';
import type { Folded } from './folded.js';

/**
 * Where one call of a decision stands: `undispatched` (allowed, or approved by a person, but no commit has sent it yet),
 * `awaiting-approval`, `called` (an adapter has it), `in-doubt` (nobody knows whether it happened) or `settled`.
 */
export type CallStatus = 'undispatched' | 'awaiting-approval' | 'called' | 'in-doubt' | 'settled';

export interface CallState {
  readonly callId: string;
  readonly requestId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: CallStatus;
  /** Set once a person has approved exactly this call. */
  readonly approval?: { readonly approvalId: string; readonly by: string; readonly at: number };
  readonly effect?: EffectClass;
}

/** A question to people that waits for its answer. Answered ones are in the log alone. */
export interface ApprovalState {
  readonly approvalId: string;
  readonly callId: string;
  readonly expiresAt: number;
}

/** Why a run is being wound down: it ends as soon as the calls that an adapter has are accounted for. */
export interface Winding {
  readonly status: 'cancelled' | 'failed';
  readonly reason: string;
}

/** A run before its first commit. */
export interface Unborn {
  readonly phase: 'unborn';
}

interface Born {
  readonly task: Task;
  readonly agent: { readonly name: string; readonly digest: string };
  readonly budgets: Budgets;
  /** The number of the last commit. */
  readonly head: number;
  /** The number of the last commit on route `plan`: the only one that a proposal may answer. */
  readonly basis: number;
  /** The basis of the last decision; while it is below `basis`, a planner owes a proposal. */
  readonly decided: number;
  /** Proposals accepted so far. */
  readonly steps: number;
  readonly calls: Readonly<Record<string, CallState>>;
  /** Approvals that wait, by id. */
  readonly approvals: Readonly<Record<string, ApprovalState>>;
  /** Timers that are set and have not fired, by id, with their due instants. */
  readonly timers: Readonly<Record<string, number>>;
  readonly folded: Folded;
  readonly paused: boolean;
  readonly winding?: Winding;
}

/** A planner is asked for the next proposal. */
export interface Planning extends Born {
  readonly phase: 'planning';
}
/** At least one call is not settled. */
export interface Acting extends Born {
  readonly phase: 'acting';
}
export interface Ended extends Born {
  readonly phase: 'ended';
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly reason: string;
  readonly answer?: string;
}

export type RunState = Unborn | Planning | Acting | Ended;
export type LiveState = Planning | Acting;

export const initialState: RunState = { phase: 'unborn' };

export function callsWith(state: Born, ...statuses: readonly CallStatus[]): readonly CallState[] {
  return Object.values(state.calls).filter((call) => statuses.includes(call.status));
}

/** Calls that are allowed but that no commit has sent yet: an orchestrator that finds any must dispatch them. */
export function undispatchedCalls(state: RunState): readonly CallState[] {
  return state.phase === 'acting' && state.winding === undefined && !state.paused ? callsWith(state, 'undispatched') : [];
}

/** The plan commit that still waits for its proposal, if any. */
export function awaitedBasis(state: RunState): number | undefined {
  return state.phase === 'planning' && state.decided < state.basis ? state.basis : undefined;
}
