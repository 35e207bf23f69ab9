import type { AgentDeclaration, Cause, DataKeyName, Digest, FactOf, Label, ResultLabels, RunEvent, RunEventOf, Route, RunId, ToolContract, ToolOutcome, Verdict } from '@holdfast/contracts';
import { evolve } from '../evolve/evolve.js';
import { awaitedBasis, type LiveState, type RunState } from '../state/state.js';
import type { EarlierRuns } from '../threads/thread-reading.js';
import { beforePlanning } from './before-planning.js';
import { nextUndoing } from './compensation.js';
import { ending } from './ending.js';

/** What policy said of a call, with the contract that it judged: the orchestrator looks both up before deciding. */
export interface JudgedCall {
  readonly verdict: Verdict;
  readonly contract?: Pick<ToolContract, 'adapter' | 'effect' | 'digest' | 'compensate' | 'amountArgument'>;
  /** For a call that starts a run: the id that the run will have (`childRunIdOf`); absent where it would be too long. */
  readonly childRunId?: RunId;
  /** In a run whose effects are simulated: what the log holds of the same call. */
  readonly recorded?: RecordedResult;
  /** Why a budget that runs share does not give what an allowed call takes; the call is refused for it. */
  readonly shortfall?: string;
}

/** What became of a call in the run at which this one began, or before it, and where its log says so. */
export interface RecordedResult {
  readonly outcome: Exclude<ToolOutcome, { status: 'in-doubt' }>;
  /** Of a success: what the model was told, with its labels. */
  readonly observation?: Pick<RunEventOf<'observation-recorded'>, 'content' | 'label' | 'fields'>;
  /** Of a failure: what its text is worth. */
  readonly label?: Label;
  readonly from: NonNullable<RunEventOf<'call-simulated'>['from']>;
}

/** The run at which another is to begin, folded up to the commit that the fact names, and what its log says beside that. */
export interface ForkOrigin {
  readonly state: RunState;
  /** The hash of that commit. */
  readonly hash: Digest;
  /** The labels of the origin's task. */
  readonly labels: Readonly<Record<string, Label>>;
  /** Whether the origin, as it is now, has ended. */
  readonly hasEnded: boolean;
  /** What encrypts the origin, and so the run that goes on with what it says. */
  readonly dataKey?: DataKeyName;
}

/** Everything that can make the orchestrator decide: a fact, with what had to be looked up for it. */
export type Input =
  /** `agent` is absent where nobody takes such tasks, or the run has begun already. */
  | { readonly fact: FactOf<'task'>; readonly agent?: AgentDeclaration; /** The runs of the task's thread, where it belongs to one. */ readonly earlier?: EarlierRuns; readonly at: number }
  | { readonly fact: FactOf<'plan'>; readonly judged: readonly JudgedCall[]; /** Why a budget that runs share is used up by the tokens of this proposal. */ readonly exhausted?: string; /** Why the answer does not follow the agent's output schema. */ readonly misfit?: string; readonly at: number }
  | { readonly fact: FactOf<'tool'>; readonly labels: ResultLabels; readonly at: number }
  | { readonly fact: FactOf<'approval' | 'timer' | 'signal' | 'control' | 'child' | 'resolution' | 'parked' | 'release' | 'stall'>; readonly at: number }
  /** `origin` and `agent` are absent where the log or the catalogue has no such thing. */
  | { readonly fact: FactOf<'fork'>; readonly origin?: ForkOrigin; readonly agent?: AgentDeclaration; readonly at: number }
  | { readonly fact: { readonly kind: 'dispatch'; readonly id: string }; readonly judged: readonly JudgedCall[]; readonly at: number };

/** A commit that is decided and not yet sealed into the log. */
export interface CommitDraft {
  readonly cause: Cause;
  readonly route: Route;
  readonly events: readonly RunEvent[];
  readonly at: number;
}

/**
 * `commit`: append these drafts in order. `duplicate`: the log holds the fact. `stale`: the run has moved on.
 * `refused`: the fact contradicts the log and belongs on the dead-letter list.
 */
export type Decision =
  | { readonly kind: 'commit'; readonly drafts: readonly [CommitDraft, ...CommitDraft[]] }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'stale'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

export const duplicate: Decision = { kind: 'duplicate' };
export const stale = (reason: string): Decision => ({ kind: 'stale', reason });
export const refused = (code: string, reason: string): Decision => ({ kind: 'refused', code, reason });

/** Who acts after these events: nobody while calls are out, while people are asked, or while a planner still owes an answer. */
function routeAfter(state: RunState, events: readonly RunEvent[]): Route {
  if (state.phase === 'ended') return 'end';
  if (events.some((event) => event.type === 'child-stop-asked')) return 'call.holdfast';
  const resolved = events.find((event) => event.type === 'doubt-resolved');
  if (resolved !== undefined) return `call.${resolved.adapter}`;
  if (state.phase === 'planning' && !state.paused && awaitedBasis(state) === undefined) return 'plan';
  return 'wait';
}

/** The state to which these events lead, before it is known who acts next. */
export function after(state: RunState, cause: Cause, at: number, events: readonly RunEvent[]): RunState {
  return evolve(state, { number: state.phase === 'unborn' ? 1 : state.head + 1, route: 'wait', cause, at, events: [...events] });
}

/**
 * One draft with these events. Its route follows from the state that they lead to. A run that is being wound down and has
 * nothing outstanding is brought to its end by the same commit: what an abort undoes is asked for, one call after the
 * other, and then the run is ended.
 */
export function draft(state: RunState, cause: Cause, at: number, events: readonly RunEvent[]): CommitDraft {
  let all = events;
  let next = after(state, cause, at, all);
  while (next.phase === 'planning' && next.winding !== undefined) {
    all = [...all, ...(nextUndoing(next) ?? [windDownEnding(next)])];
    next = after(state, cause, at, all);
  }
  if (routeAfter(next, all) === 'plan') {
    all = [...all, ...beforePlanning(next as LiveState, at)];
    next = after(state, cause, at, all);
  }
  return { cause, at, events: all, route: routeAfter(next, all) };
}

function windDownEnding(state: LiveState): RunEvent {
  const { status, reason } = state.winding ?? { status: 'cancelled', reason: '' };
  return ending(state, status, reason);
}

/** A decision of one commit. */
export function commitOne(state: RunState, cause: Cause, at: number, events: readonly RunEvent[]): Decision {
  return { kind: 'commit', drafts: [draft(state, cause, at, events)] };
}
