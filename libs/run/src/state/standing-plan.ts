import { NO_MEANS, meansOf, type PlanMeans, type PlanStep, type RunEventOf, type StandingPlan } from '@holdfast/contracts';
import type { Born, RunState } from './state.js';

/** True while a run may do nothing before it has a plan. */
export function lacksPlan(state: RunState): boolean {
  return state.phase !== 'unborn' && state.strategy === 'plan-then-execute' && state.plan === undefined;
}

/** What of `means` is not among `others`. */
export function beyond(means: PlanMeans, others: PlanMeans): PlanMeans {
  return { tools: means.tools.filter((tool) => !others.tools.includes(tool)), runs: means.runs.filter((type) => !others.runs.includes(type)) };
}

export const isNothing = ({ tools, runs }: PlanMeans): boolean => tools.length === 0 && runs.length === 0;

/** The state once a plan stands in the place of any before it. A step that was in that one keeps what was done of it. */
export function adopted<S extends Born>(state: S, { steps, asks = NO_MEANS }: RunEventOf<'plan-adopted'>, number: number): S {
  const { plan: before, told: { plan: _rejected, ...told } = {} } = state;
  const means = meansOf(steps);
  const granted = beyond(means, asks);
  const fixed = before === undefined ? granted : { tools: [...new Set([...before.fixed.tools, ...granted.tools])], runs: [...new Set([...before.fixed.runs, ...granted.runs])] };
  const doneOf = (step: PlanStep): string[] => {
    const same = before?.steps.findIndex(({ intention }) => intention === step.intention) ?? -1;
    return before?.done[same]?.filter((tool) => step.tools.includes(tool)) ?? [];
  };
  const plan = { steps, asks, fixed, replans: before === undefined ? 0 : before.replans + 1, done: steps.map(doneOf), number };
  return { ...state, plan, ...(state.told === undefined ? {} : { told }) };
}

/** A tool has come to something: of the first step that still needs it, else of the last that names it and had it already. */
export function workedBy<S extends Born>(state: S, tool: string): S {
  const { plan } = state;
  const at = plan?.steps.findIndex(({ tools }, step) => tools.includes(tool) && plan.done[step]?.includes(tool) === false) ?? -1;
  if (plan === undefined || at < 0) return state;
  return { ...state, plan: { ...plan, done: plan.done.map((tools, step) => (step === at ? [...tools, tool] : tools)) } };
}

/** How far a step of a plan is, as far as the log can tell: by which of its tools have come to something. */
export type StepProgress = 'open' | 'begun' | 'done';

export function progressOf({ steps, done }: Pick<StandingPlan, 'steps' | 'done'>): readonly StepProgress[] {
  return steps.map(({ tools }, at) => {
    const worked = done[at] ?? [];
    return worked.length === 0 ? 'open' : worked.length < tools.length ? 'begun' : 'done';
  });
}
