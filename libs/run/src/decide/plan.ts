import type { Cause, RunEvent } from '@holdfast/contracts';
import { callIdOf } from '../names.js';
import { isFolded } from '../state/folded.js';
import { awaitedBasis, type LiveState, type RunState } from '../state/state.js';
import { compacting } from './compaction.js';
import { after, commitOne, duplicate, stale, type Decision, type Input } from './decision.js';
import { dispatch } from './dispatch.js';
import { ending } from './ending.js';

type PlanInput = Extract<Input, { fact: { kind: 'plan' } }>;

/** A proposal is a wish. It is accepted once, for the plan commit that it answers, and each of its calls is judged. */
export function decidePlan(state: RunState, { fact, judged, exhausted: shared, misfit }: PlanInput, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, fact.id)) return duplicate;
  const { proposal } = fact;
  if (state.phase === 'ended' || awaitedBasis(state) !== proposal.basis) {
    return stale(`commit ${proposal.basis} does not wait for a proposal; the run is at commit ${state.head}`);
  }
  const cause: Cause = { kind: 'plan', id: fact.id };
  const { compaction: _recordedApart, ...decision } = proposal;
  const decided: readonly RunEvent[] = [...compacting(state, proposal), { type: 'decision-made', proposal: decision }];
  const known = after(state, cause, at, decided) as LiveState;
  if (proposal.requests.length === 0 && misfit !== undefined) return commitOne(state, cause, at, [...decided, mending(known, misfit)]);
  // An answer costs nothing more, so it is taken whatever the budgets say.
  if (proposal.requests.length === 0) return commitOne(state, cause, at, [...decided, ending(known, 'completed', 'the planner gave its answer', proposal.answer ?? proposal.text)]);
  const exhausted = exhaustedBudget(known) ?? (shared === undefined ? undefined : { refusal: 'a budget that this run shares with others is used up', reason: shared });
  if (exhausted === undefined) return dispatch(state, cause, at, decided, judged);
  const refusals = proposal.requests.map((request, index): RunEvent => ({ type: 'call-refused', callId: callIdOf(proposal.basis, index), tool: request.tool, reasons: [exhausted.refusal] }));
  return commitOne(state, cause, at, [...decided, ...refusals, ending(known, 'failed', exhausted.reason)]);
}

/** So often a model is told what is wrong with the form of its answer. */
const MOST_MENDINGS = 2;

/** What becomes of an answer that is not what the agent's declaration says: the model is told and asked again, and in the end the run fails. */
function mending(state: LiveState, misfit: string): RunEvent {
  const used = (state.told?.answer ?? 0) + 1;
  if (used > MOST_MENDINGS || exhaustedBudget(state) !== undefined) return ending(state, 'failed', `the answer does not follow the agent's output schema: ${misfit}`);
  return { type: 'notice-given', about: 'answer', used, limit: MOST_MENDINGS, detail: misfit };
}

/** The budget that a decision has gone beyond; money is looked at call by call instead. */
function exhaustedBudget({ steps, spent, budgets: { maxSteps, maxTokens, maxCostMicros } }: LiveState): { readonly refusal: string; readonly reason: string } | undefined {
  if (steps > maxSteps) return { refusal: 'the run has used all its steps', reason: `the budget of ${maxSteps} steps is used up` };
  if (maxTokens !== undefined && spent.tokens > maxTokens) return { refusal: 'the run has used all its tokens', reason: `the budget of ${maxTokens} tokens is used up` };
  if (maxCostMicros !== undefined && (spent.costMicros ?? 0) > maxCostMicros) return { refusal: 'the run has used all the money for its models', reason: `the budget of ${maxCostMicros / 1_000_000} for models is used up` };
  return undefined;
}
