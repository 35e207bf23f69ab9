import type { Cause, Proposal, RunEvent } from '@holdfast/contracts';
import { callIdOf } from '../names.js';
import { isFolded } from '../state/folded.js';
import { lacksPlan } from '../state/standing-plan.js';
import { awaitedBasis, type LiveState, type RunState } from '../state/state.js';
import { adopting } from './adopting.js';
import { compacting } from './compaction.js';
import { after, commitOne, duplicate, stale, type Decision, type Input } from './decision.js';
import { dispatch } from './dispatch.js';
import { ending } from './ending.js';
import { mending } from './mending.js';

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
  const exhausted = exhaustedBudget(known) ?? (shared === undefined ? undefined : { refusal: 'a budget that this run shares with others is used up', reason: shared });
  const given = planIn(state, proposal);
  if (isAnswer(state, proposal) && misfit !== undefined) return commitOne(state, cause, at, [...decided, mending(known, 'answer', misfit, exhaustedBudget(known) !== undefined)]);
  // An answer costs nothing more, so it is taken whatever the budgets say.
  if (isAnswer(state, proposal)) return commitOne(state, cause, at, [...decided, ending(known, 'completed', 'the planner gave its answer', proposal.answer ?? proposal.text)]);
  if (exhausted !== undefined) return commitOne(state, cause, at, [...decided, ...refusing(proposal, exhausted.refusal), ending(known, 'failed', exhausted.reason)]);
  if (given === undefined) return dispatch(state, cause, at, decided, judged);
  const planned = adopting(known, given, proposal.model.toolsShown);
  return commitOne(state, cause, at, [...decided.map((event) => (planned.type === 'plan-adopted' ? withoutPlan(event) : event)), ...refusing(proposal, 'A plan is made by itself. Ask for this call again once it stands.'), planned]);
}

/** True for a proposal that would end its run with an answer. */
export function isAnswer(state: LiveState, proposal: Proposal): boolean {
  return proposal.requests.length === 0 && planIn(state, proposal) === undefined;
}

/** The plan that a proposal brings, as its text; what a run says that has none yet, and neither calls anything nor gives its answer, has to be one. */
function planIn(state: LiveState, { plan, text, requests, answer }: Proposal): string | undefined {
  return plan ?? (lacksPlan(state) && requests.length === 0 && answer === undefined ? text : undefined);
}

/** What is adopted stands in an event of its own. */
function withoutPlan(event: RunEvent): RunEvent {
  if (event.type !== 'decision-made') return event;
  const { plan: _adopted, ...proposal } = event.proposal;
  return { ...event, proposal };
}

function refusing({ requests, basis }: Proposal, reason: string): readonly RunEvent[] {
  return requests.map((request, index): RunEvent => ({ type: 'call-refused', callId: callIdOf(basis, index), tool: request.tool, reasons: [reason] }));
}

/** The budget that a decision has gone beyond; money is looked at call by call instead. */
function exhaustedBudget({ steps, spent, budgets: { maxSteps, maxTokens, maxCostMicros } }: LiveState): { readonly refusal: string; readonly reason: string } | undefined {
  if (steps > maxSteps) return { refusal: 'the run has used all its steps', reason: `the budget of ${maxSteps} steps is used up` };
  if (maxTokens !== undefined && spent.tokens > maxTokens) return { refusal: 'the run has used all its tokens', reason: `the budget of ${maxTokens} tokens is used up` };
  if (maxCostMicros !== undefined && (spent.costMicros ?? 0) > maxCostMicros) return { refusal: 'the run has used all the money for its models', reason: `the budget of ${maxCostMicros / 1_000_000} for models is used up` };
  return undefined;
}
