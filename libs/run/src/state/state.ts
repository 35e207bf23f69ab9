import type { ApprovalNeeds, BudgetHold, Budgets, Compensation, Digest, EffectClass, Label, ModelFault, ParentCall, Reading, ResolutionKind, RunEventOf, StandingPlan, Strategy, Task, ToolUse, Wait } from '@holdfast/contracts';
import type { Folded } from './folded.js';
import type { Repeats } from './repeats.js';

/**
 * Where one call stands: `undispatched` (decided, and no commit has sent it yet), `awaiting-approval`, `called` (an adapter
 * has it), `waiting` (for a time, a signal or a run that it started), `parked` (its tool is quarantined, and nobody
 * has it), `in-doubt` (nobody knows whether it happened) or `settled`.
 */
export type CallStatus = 'undispatched' | 'awaiting-approval' | 'called' | 'waiting' | 'parked' | 'in-doubt' | 'settled';

/** Every status under which something has still to happen for a call. */
export const UNSETTLED = ['undispatched', 'awaiting-approval', 'called', 'waiting', 'parked', 'in-doubt'] as const satisfies readonly CallStatus[];

export interface CallState {
  readonly callId: string;
  readonly requestId: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly status: CallStatus;
  /** Set once a person has approved exactly this call. */
  readonly approval?: { readonly approvalId: string; readonly by: string; readonly at: number };
  readonly effect?: EffectClass;
  /** Who has it. */
  readonly adapter?: string;
  readonly contractDigest?: Digest;
  /** The number of the last commit that an adapter was to act upon for it. */
  readonly dispatch?: number;
  /** Which doubt a call in doubt is in, as its outcome named it. */
  readonly doubt?: Pick<RunEventOf<'doubt-resolved'>, 'operationKey' | 'claim'>;
  /** The word that its adapter is bringing into the ledger. */
  readonly resolved?: { readonly resolution: ResolutionKind; readonly by: string };
  readonly parked?: { readonly quarantine: number; readonly reason: string };
  /** How often people were asked whether it may be made, and whether it happened. */
  readonly asked?: number;
  readonly doubts?: number;
  readonly wait?: Wait;
  /** How it can be undone once it is done. */
  readonly compensate?: Compensation;
  /** The money that it carries, in minor units. */
  readonly amount?: number;
  /** What it has taken from, of the budgets that runs share. */
  readonly holds?: readonly BudgetHold[];
  /** The call that this one undoes; a person has to agree where `needsPerson` says so, whatever policy says. */
  readonly undoes?: { readonly callId: string; readonly needsPerson: boolean };
}

/** A question to people that waits for its answer. Answered ones are in the log alone. */
export interface ApprovalState {
  readonly approvalId: string;
  readonly callId: string;
  readonly expiresAt: number;
  readonly needs?: ApprovalNeeds;
  /** Who of two has agreed. */
  readonly counted?: string;
}

/** Why a run is being wound down: it ends as soon as the calls that others have are accounted for, and undone if so asked. */
export interface Winding {
  readonly status: 'cancelled' | 'failed';
  readonly reason: string;
  readonly compensate?: boolean;
}

/** A done call that an abort undoes, as its event noted it. */
export type Undoable = Omit<RunEventOf<'compensation-noted'>, 'type'>;

/** What has become of undoing: calls that were undone, and those that could not be, with the reason. */
export interface Undone {
  readonly done: readonly string[];
  readonly failed: readonly { readonly callId: string; readonly tool: string; readonly reason: string }[];
}

/** A run before its first commit. */
export interface Unborn {
  readonly phase: 'unborn';
}

/** The place in another run at which this one began, and the fact that began it. */
export interface Origin {
  readonly runId: string;
  readonly number: number;
  readonly factId: string;
}

export interface Born {
  readonly task: Task;
  readonly agent: { readonly name: string; readonly digest: string };
  readonly budgets: Budgets;
  /** The scopes of memory that it may work with, and hand on to runs that it starts; none when absent. */
  readonly memoryScopes?: readonly string[];
  /** How it comes to its calls; step by step when absent. */
  readonly strategy?: Exclude<Strategy, 'react' | 'external'>;
  /** By which it goes, and the number of the commit that adopted it. */
  readonly plan?: StandingPlan & { readonly number: number };
  readonly parent?: ParentCall;
  /** Of a run in a thread: when it began and what its goal is worth, for the runs after it. */
  readonly asked?: { readonly at: number; readonly label: Label };
  readonly origin?: Origin;
  /** Set where its effects are simulated: up to which commit of its origin it has used what is recorded there. */
  readonly simulation?: { readonly usedUpTo: number };
  /** The number of the last commit. */
  readonly head: number;
  /** The number of the last commit on route `plan`: the only one that a proposal may answer. */
  readonly basis: number;
  /** The basis of the last decision; while it is below `basis`, a planner owes a proposal. */
  readonly decided: number;
  /** Proposals accepted so far. */
  readonly steps: number;
  /** Tokens of models, and money in minor units, used so far by this run and the runs that it started. */
  readonly spent: { readonly tokens: number; readonly amount: number; /** What models cost, in millionths; absent where no price was known. */ readonly costMicros?: number };
  /** How often limited tools were called, and what that carried. */
  readonly used?: Readonly<Record<string, ToolUse>>;
  /** What the model has been shown; absent where an earlier release began the run. */
  readonly read?: Reading;
  /** The calls of the last decision, and the one that undoes another. */
  readonly calls: Readonly<Record<string, CallState>>;
  /** Approvals that wait, by id. */
  readonly approvals: Readonly<Record<string, ApprovalState>>;
  /** Timers that are set and have not fired, by id, with their due instants. */
  readonly timers: Readonly<Record<string, number>>;
  /** Signals that came after the last plan commit, which no planner has seen: by name, with their sender. */
  readonly unseen: Readonly<Record<string, string>>;
  /** Done calls that can be undone, in the order in which they were done. At most {@link MOST_UNDOABLE}. */
  readonly undoable: readonly Undoable[];
  readonly undone: Undone;
  readonly folded: Folded;
  /** By what it is seen that a run goes in circles; absent before its first step. */
  readonly repeats?: Repeats;
  /** The last commit that a summary stands for, once there is one. */
  readonly compacted?: number;
  /** How much was used of what the model was last told is running out. */
  readonly told?: Readonly<Partial<Record<RunEventOf<'notice-given'>['about'], number>>>;
  /** Why no model has answered so far for the plan commit that it names. */
  readonly stalled?: { readonly basis: number; readonly codes: readonly ModelFault[] };
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
  /** What it said is erased: of its task, its end and everything between, nothing is known any more. */
  readonly erased?: true;
}

export type RunState = Unborn | Planning | Acting | Ended;
export type LiveState = Planning | Acting;

export const initialState: RunState = { phase: 'unborn' };

/**
 * Calls that can be undone are remembered until the run ends, so there is a limit: a further one is refused before it is
 * sent, because an effect that an abort would silently leave standing is worse.
 */
export const MOST_UNDOABLE = 256;

/** A call that is asked about so often is refused: whoever answers does not get it through. */
export const MOST_QUESTIONS = 10;

/** Names of signals that are remembered between two plan commits; a planner is shown all of them in any case. */
export const MOST_UNSEEN = 32;

export function callsWith(state: Born, ...statuses: readonly CallStatus[]): readonly CallState[] {
  return Object.values(state.calls).filter((call) => statuses.includes(call.status));
}

/** Calls that are decided but that no commit has sent yet: an orchestrator that finds any must have them judged and sent. */
export function undispatchedCalls(state: RunState): readonly CallState[] {
  if (state.phase !== 'acting' || state.paused) return [];
  return callsWith(state, 'undispatched').filter((call) => state.winding === undefined || call.undoes !== undefined);
}

/** The question to people about this call that waits for its answer; there is at most one. */
export function openApprovalOf(state: Born, callId: string): ApprovalState | undefined {
  return Object.values(state.approvals).find((approval) => approval.callId === callId);
}

/**
 * True when an adapter has the call, by this very dispatch. A call may be dispatched more than once, and what comes late
 * from an earlier dispatch says nothing of the present one. Adapters of earlier releases do not name the dispatch.
 */
export function isOutSince({ status, dispatch }: CallState, answered: number | undefined): boolean {
  return status === 'called' && (answered === undefined || dispatch === undefined || answered === dispatch);
}

/** A member that is the record's own: facts name what they like, also what every object inherits. */
export function ownMember<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** True for a run of which nothing but its outline can be read any more. */
export function isErased(state: RunState): boolean {
  return state.phase === 'ended' && state.erased === true;
}

/** The plan commit that still waits for its proposal, if any. */
export function awaitedBasis(state: RunState): number | undefined {
  return state.phase === 'planning' && state.decided < state.basis ? state.basis : undefined;
}

/** Why no model has answered so far for the step that the run is at; empty where none was asked in vain. */
export function faultsOf(state: RunState): readonly ModelFault[] {
  const basis = awaitedBasis(state);
  return state.phase === 'planning' && basis !== undefined && state.stalled?.basis === basis ? state.stalled.codes : [];
}
