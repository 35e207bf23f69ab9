import type { Commit, RunEvent } from '@holdfast/contracts';
import { evolve, initialState, nothingFolded, type FoldableCommit, type RunState } from '@holdfast/run';
import { PublicView, SECRET } from './public-event.js';
import { cut, summarise, type RunSummary } from './run-summary.js';

/** What is known of a run between two commits. Nothing of it grows with what the run reads or writes. */
export interface RunProjection {
  readonly state: RunState;
  /** What later commits may repeat and nobody may see. */
  readonly secrets: readonly string[];
  /** Set where it began at a run that had read secrets, or may have: which, only the log of that run says. */
  readonly isVeiled?: true;
  readonly startedAt: number;
  readonly changedAt: number;
}

/** A projection as text: in memory it takes a fraction of what its objects would, and most runs wait most of the time. */
export type PackedProjection = string;

export const pack = (projection: RunProjection): PackedProjection => JSON.stringify(projection);
export const unpack = (packed: PackedProjection): RunProjection => JSON.parse(packed) as RunProjection;

/**
 * The projection after one more commit. It is the core's own fold, so a list can never disagree with the orchestrator
 * about where a run stands. Throws `HistoryError` when the commit does not follow.
 */
export function project(before: RunProjection | undefined, commit: Commit): RunProjection {
  const view = new PublicView(before?.secrets);
  view.learn(commit);
  const isVeiled = before?.isVeiled ?? commit.events.some((event) => event.type === 'run-forked' && (event.read === undefined || event.read.secrecy === 'secret'));
  const state = listed(evolve(before?.state ?? initialState, slim(commit, view, isVeiled)));
  // Texts were scrubbed when they were folded, and nothing is written after the end.
  return { state, secrets: state.phase === 'ended' ? [] : view.known, ...(isVeiled ? { isVeiled } : {}), startedAt: before?.startedAt ?? commit.at, changedAt: commit.at };
}

export function summaryOf(runId: string, { state, startedAt, changedAt }: RunProjection): RunSummary {
  return summarise(runId, state, startedAt, changedAt, new PublicView());
}

/** The version of the run's agent, as `<name>.<digest>`. */
export function versionOf({ state }: RunProjection): string {
  return state.phase === 'unborn' ? '' : `${state.agent.name}.${state.agent.digest}`;
}

/** The state without what only the log's writer needs to decide: no summary tells it, and no fold asks for it. */
function listed(state: RunState): RunState {
  if (state.phase === 'unborn') return state;
  const { repeats: _repeats, told: _told, plan: _plan, ...rest } = state;
  return { ...rest, folded: nothingFolded, timers: {}, unseen: {}, undoable: [], undone: { done: [], failed: [] } };
}

/** The commit without the content that the fold only carries along. */
function slim(commit: Commit, view: PublicView, isVeiled: boolean): FoldableCommit {
  return { number: commit.number, route: commit.route, cause: commit.cause, at: commit.at, events: commit.events.map((event) => slimEvent(event, view, isVeiled)) };
}

function slimEvent(event: RunEvent, view: PublicView, isVeiled: boolean): RunEvent {
  const shown = (text: string): string => cut(view.scrubText(text));
  // What a run says at its end may repeat anything that it had read.
  const told = (text: string): string => (isVeiled ? SECRET : shown(text));
  switch (event.type) {
    case 'task-accepted':
      return { ...event, task: { ...event.task, goal: shown(event.task.goal), input: {} }, labels: {} };
    case 'decision-made':
      return { ...event, proposal: { ...event.proposal, text: '', requests: event.proposal.requests.map((request) => ({ ...request, arguments: {} })) } };
    case 'approval-requested':
      return { ...event, arguments: {} };
    case 'observation-recorded':
      return { ...event, content: null };
    case 'signal-received':
      return { ...event, payload: null };
    case 'run-forked':
      return { ...event, task: { ...event.task, goal: shown(event.task.goal), input: {} }, labels: {}, undoable: event.undoable.map((one) => ({ ...one, arguments: {} })) };
    case 'context-compacted':
      return { ...event, summary: '' };
    case 'thread-read':
      return { ...event, turns: [] };
    case 'compensation-noted':
    case 'compensation-asked':
      return { ...event, arguments: {} };
    case 'wait-begun':
      return event.wait.for === 'child' ? { ...event, wait: { ...event.wait, start: { ...event.wait.start, goal: '', input: {}, labels: {} } } } : event;
    case 'wind-down-begun':
      return { ...event, reason: told(event.reason) };
    case 'run-ended':
      return { ...event, reason: told(event.reason), ...(event.answer === undefined ? {} : { answer: told(event.answer) }) };
    default:
      return event;
  }
}
