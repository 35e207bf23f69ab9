import { z } from 'zod';
import { toolName } from './identifiers.js';
import { startRunTool } from './runtime-tools.js';

/** A plan is shown to the model with every step, so it has to stay short. */
export const planLimits = { steps: 24, intention: 400, tools: 16, runs: 8, text: 32_000 } as const;

/** How often an agent may replace its plan, where it says nothing else. */
export const DEFAULT_MAX_REPLANS = 1;

const taskType = z.string().min(1).max(256);

export const planStep = z.strictObject({
  /** What is to be reached, in the model's words. */
  intention: z.string().min(1).max(planLimits.intention),
  /** The tools that it may need; none where the model only thinks or answers. */
  tools: z.array(toolName).max(planLimits.tools),
  /** Of a step that starts runs: the types of the tasks that it may give them. */
  runs: z.array(taskType).min(1).max(planLimits.runs).optional(),
  /** Steps that have to be done before, by their place in the plan, from 1. */
  after: z.array(z.number().int().min(1)).max(planLimits.steps).optional(),
});
export type PlanStep = z.infer<typeof planStep>;

export const planSteps = z.array(planStep).min(1).max(planLimits.steps);

/** What a model has to say in order to make a plan. */
export const plan = z.strictObject({ steps: planSteps }).check(({ value: { steps }, issues }) => {
  for (const [at, { tools, runs, after = [] }] of steps.entries()) {
    const say = (member: string, message: string): void => void issues.push({ code: 'custom', path: ['steps', at, member], message, input: steps[at] });
    if (after.some((before) => before > at)) say('after', 'a step can only come after earlier ones, by their place from 1');
    if (tools.includes(startRunTool.name) !== (runs !== undefined)) say('runs', `a step that uses ${startRunTool.name} names the types of the tasks, and no other does`);
  }
});
export type Plan = z.infer<typeof plan>;

/** What a plan needs: tools, and types of the tasks of runs that are started. */
export const planMeans = z.strictObject({ tools: z.array(toolName), runs: z.array(taskType) });
export type PlanMeans = z.infer<typeof planMeans>;

export const NO_MEANS: PlanMeans = { tools: [], runs: [] };

/** All that the steps of a plan name, in the order in which they name it. */
export function meansOf(steps: readonly PlanStep[]): PlanMeans {
  return { tools: [...new Set(steps.flatMap(({ tools }) => tools))], runs: [...new Set(steps.flatMap(({ runs = [] }) => runs))] };
}

/** A plan as a run holds it and as another run takes it over. */
export const standingPlan = z.strictObject({
  steps: planSteps,
  /** What was planned before the run had read what others wrote; nothing that comes later is as good. */
  fixed: planMeans,
  /** What of the plan is used only with a person's word each time. */
  asks: planMeans,
  /** How often it was made anew. */
  replans: z.number().int().nonnegative(),
  /** Of each step, the tools that have come to something. */
  done: z.array(z.array(toolName)),
});
export type StandingPlan = z.infer<typeof standingPlan>;
