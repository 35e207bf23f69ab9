import { z } from 'zod';
import { planMeans, planStep, type PlanStep } from '@holdfast/contracts';
import { progressOf, type RunState } from '@holdfast/run';
import type { PublicEvent } from './public-event.js';

/** The plan by which a run goes. */
export const runPlan = z.object({
  steps: z.array(planStep.extend({ status: z.enum(['open', 'begun', 'done']).describe('By which of its tools have come to something.') })),
  replans: z.int().describe('How often it was made anew.'),
  asks: planMeans.describe('What came into it after the run had read what others wrote: a person confirms each use.'),
  commit: z.int().describe('The commit that adopted it.'),
});
export type RunPlan = z.infer<typeof runPlan>;

/** The plan as it may be shown: its words come from the run's public events. */
export function planOf(state: RunState, events: readonly PublicEvent[]): RunPlan | undefined {
  if (state.phase === 'unborn' || state.plan === undefined) return undefined;
  const { plan } = state;
  const adopted = events.findLast(({ commit, event }) => commit === plan.number && (event.type === 'plan-adopted' || event.type === 'run-forked'))?.event;
  const steps = ((adopted?.type === 'run-forked' ? (adopted['plan'] as { steps?: PlanStep[] } | undefined)?.steps : adopted?.['steps']) ?? []) as PlanStep[];
  const progress = progressOf(plan);
  return { steps: steps.map((step, at) => ({ ...step, status: progress[at] ?? 'open' })), replans: plan.replans, asks: plan.asks, commit: plan.number };
}
