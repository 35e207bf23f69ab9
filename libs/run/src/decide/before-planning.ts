import type { RunEvent, RunEventOf } from '@holdfast/contracts';
import { DEADLINE } from '../names.js';
import { circleOf, maxRepeatsOf } from '../state/repeats.js';
import type { LiveState } from '../state/state.js';
import { ending } from './ending.js';

type Notice = RunEventOf<'notice-given'>;

/**
 * What else a commit says before it asks a planner: that the run ends since it goes in circles, or what the model has to know of its
 * budgets. All of it follows from the log and the commit's own time.
 */
export function beforePlanning(state: LiveState, at: number): readonly RunEvent[] {
  const { times, period, isFull } = circleOf(state);
  const limit = maxRepeatsOf(state);
  if (times >= limit) return [ending(state, 'failed', `the run goes in circles: it did ${period === 1 ? 'the same' : `the same ${period} steps`} ${times} times one after the other, with the same result each time`)];
  // Half-way there, while there is time to do something else.
  const isToBeTold = isFull && times === Math.ceil(limit / 2);
  return [...budgetNotices(state, at), ...(isToBeTold ? [{ type: 'notice-given', about: 'repetition', used: times, limit } as const] : [])];
}

/** At four fifths of a budget, and again when nothing of it is left but an answer. */
function budgetNotices(state: LiveState, at: number): readonly Notice[] {
  const { budgets: { maxSteps, maxTokens, maxCostMicros, deadlineSeconds }, steps, spent, timers, told = {} } = state;
  const due = (about: Notice['about'], used: number, limit: number | undefined): readonly Notice[] => {
    if (limit === undefined) return [];
    const before = told[about];
    const isDue = used >= limit ? before === undefined || before < limit : used * 5 >= limit * 4 && before === undefined;
    return isDue ? [{ type: 'notice-given', about, used, limit }] : [];
  };
  const deadline = timers[DEADLINE];
  return [
    ...due('steps', steps, maxSteps), ...due('tokens', spent.tokens, maxTokens), ...due('cost', spent.costMicros ?? 0, maxCostMicros),
    ...(deadline === undefined ? [] : due('time', Math.max(0, Math.floor((at - deadline) / 1000) + deadlineSeconds), deadlineSeconds)),
  ];
}
