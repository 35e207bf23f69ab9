import type { AgentDeclaration, Cause, FactOf, Label, RunEvent, Route, ToolContract, Verdict } from '@holdfast/contracts';
import { evolve } from '../evolve.js';
import { awaitedBasis, callsWith, type RunState } from '../state/state.js';

/** What policy said of a call, with the contract that it judged: the orchestrator looks both up before deciding. */
export interface JudgedCall {
  readonly verdict: Verdict;
  readonly contract?: Pick<ToolContract, 'adapter' | 'effect' | 'digest'>;
}

/** How the fields of a tool's output are labelled, from its contract. */
export interface OutputLabels {
  readonly label: Label;
  readonly fields: Readonly<Record<string, Label>>;
}

/** Everything that can make the orchestrator decide: a fact, with what had to be looked up for it. */
export type Input =
  | { readonly fact: FactOf<'task'>; readonly agent: AgentDeclaration; readonly at: number }
  | { readonly fact: FactOf<'plan'>; readonly judged: readonly JudgedCall[]; readonly at: number }
  | { readonly fact: FactOf<'tool'>; readonly labels: OutputLabels; readonly at: number }
  | { readonly fact: FactOf<'approval' | 'timer' | 'signal' | 'control'>; readonly at: number }
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
function routeAfter(state: RunState): Route {
  if (state.phase === 'ended') return 'end';
  if (state.phase === 'planning' && !state.paused && awaitedBasis(state) === undefined) return 'plan';
  return 'wait';
}

/**
 * One draft with these events. Its route follows from the state that they lead to; a run that is being wound down and
 * has nothing outstanding is ended by the same commit.
 */
export function draft(state: RunState, cause: Cause, at: number, events: readonly RunEvent[]): CommitDraft {
  const number = state.phase === 'unborn' ? 1 : state.head + 1;
  let next = evolve(state, { number, route: 'wait', cause, at, events: [...events] });
  if (next.phase === 'planning' && next.winding !== undefined && callsWith(next, 'called').length === 0) {
    const ended: RunEvent = { type: 'run-ended', status: next.winding.status, reason: next.winding.reason };
    events = [...events, ended];
    next = evolve(state, { number, route: 'wait', cause, at, events: [...events] });
  }
  return { cause, at, events, route: routeAfter(next) };
}

/** A decision of one commit. */
export function commitOne(state: RunState, cause: Cause, at: number, events: readonly RunEvent[]): Decision {
  return { kind: 'commit', drafts: [draft(state, cause, at, events)] };
}
