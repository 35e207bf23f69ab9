import type { ModelMessage } from 'ai';
import { DEFAULT_MAX_REPLANS, type VisibleAnswer } from '@holdfast/contracts';
import { isSpent, lacksPlan, progressOf, type Planning } from '@holdfast/run';
import type { Told } from '../planning/prompt.js';
import type { Brief } from './brief.js';
import { replacing } from './plan-tool.js';

/** How one step of a run that goes by a plan is asked for; a run that goes step by step has none of it. */
export interface PlanStage {
  /** `make`: nothing but a plan is asked for. `follow`: the model does what its plan says. */
  readonly stage: 'make' | 'follow';
  /** What the plan tool is said to do; it is not offered where this is absent. */
  readonly offer?: string;
  /** Names of tools that the model is told of and cannot call in this step. */
  readonly toldOf: readonly string[];
  /** The last message of the prompt, which changes with every step. */
  readonly reminder?: ModelMessage;
}

/**
 * Plan-then-execute (Beurer-Kellner et al., "Design Patterns for Securing LLM Agents against Prompt Injections", 2025, arXiv:2506.08837):
 * the first step makes a plan before anything is shown that others wrote, and the steps after it are those of the ReAct loop, within the plan. That nothing
 * else is called is policy's doing; here the model is only told. Undefined where the run has no use for it.
 */
export function planStageOf(state: Planning, { tools, beyondPlan = [] }: Pick<VisibleAnswer, 'tools' | 'beyondPlan'>): PlanStage | undefined {
  // Whoever can only answer any more needs no plan for it.
  if (lacksPlan(state)) return isSpent(state) ? undefined : { stage: 'make', offer: 'Gives your plan for the whole task.', toldOf: tools };
  const { plan, budgets: { maxReplans = DEFAULT_MAX_REPLANS } } = state;
  if (plan === undefined) return undefined;
  const left = maxReplans - plan.replans;
  return { stage: 'follow', reminder: reminderOf(plan), ...(left > 0 && !isSpent(state) ? { offer: replacing(left, beyondPlan.toSorted()), toldOf: beyondPlan } : { toldOf: [] }) };
}

/** What the model reads: before there is a plan, nothing of what others wrote. */
export function readingFor(stage: PlanStage | undefined, conversation: Told, brief: Brief): Told {
  return stage?.stage === 'make' ? brief : conversation;
}

function reminderOf(plan: NonNullable<Planning['plan']>): ModelMessage {
  const progress = progressOf(plan);
  const steps = plan.steps.map((step, at) => ({ step: at + 1, status: progress[at], ...step }));
  const asked = [...plan.asks.tools, ...plan.asks.runs];
  return { role: 'user', content: JSON.stringify({ note: 'Your plan, by which you go. A step counts as done when each of its tools has come to something; when the goal is reached or cannot be, give your answer.', plan: steps, ...(asked.length === 0 ? {} : { confirmedByAPersonEachTime: asked }) }) };
}
