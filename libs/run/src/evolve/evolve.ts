import type { Commit } from '@holdfast/contracts';
import { withFolded } from '../state/folded.js';
import { settledStep } from '../state/repeats.js';
import { UNSETTLED, callsWith, type Acting, type Planning, type RunState } from '../state/state.js';
import { apply } from './apply.js';
import { HistoryError } from './history-error.js';

/** What of a commit changes the state; hashes and pointers do not. */
export type FoldableCommit = Pick<Commit, 'number' | 'route' | 'events' | 'cause' | 'at'>;

/** The state after one commit. Pure: the same history always gives the same state. */
export function evolve(state: RunState, commit: FoldableCommit): RunState {
  const expected = state.phase === 'unborn' ? 1 : state.head + 1;
  if (commit.number !== expected) throw new HistoryError(`commit ${commit.number} follows where commit ${expected} is due`);
  let next = state;
  for (const event of commit.events) next = apply(next, event, commit);
  if (next.phase === 'unborn') throw new HistoryError('a history begins with task-accepted or run-forked');
  const after = { ...next, head: commit.number, folded: withFolded(next.folded, commit.cause) };
  // A plan commit shows a planner everything that came before it.
  return settle(commit.route === 'plan' ? { ...after, basis: commit.number, unseen: {} } : after);
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
  const unsettled = callsWith(state, ...UNSETTLED).length > 0;
  return unsettled ? ({ ...state, phase: 'acting' } satisfies Acting) : ({ ...settledStep(state), phase: 'planning', calls: {} } satisfies Planning);
}
