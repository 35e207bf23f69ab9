import { NO_MEANS, meansOf, startRunTool, type PlanMeans, type PlannedCall, type RunEvent } from '@holdfast/contracts';

/** What a run's plan leaves it of what policy allows. `awaited` while a run that goes by a plan has none yet. */
export type PlanScope = 'awaited' | { readonly names: PlanMeans; /** Uses of these are asked about. */ readonly asks: PlanMeans };

/** The scope after one more event of the run; undefined for a run that goes step by step. */
export function planScopeAfter(before: PlanScope | undefined, event: RunEvent): PlanScope | undefined {
  switch (event.type) {
    case 'task-accepted':
      return event.strategy === undefined ? undefined : 'awaited';
    case 'run-forked':
      if (event.strategy === undefined) return undefined;
      return event.plan === undefined ? 'awaited' : { names: meansOf(event.plan.steps), asks: event.plan.asks };
    case 'plan-adopted':
      return { names: meansOf(event.steps), asks: event.asks ?? NO_MEANS };
    default:
      return before;
  }
}

/** Why a call is none of the plan's; undefined where it is, or there is no plan to go by. */
export function outsideOfPlan(call: PlannedCall, plan: PlanScope | undefined): string | undefined {
  if (plan === undefined) return undefined;
  if (plan === 'awaited') return 'This task goes by a plan, and nothing is called before there is one. Make the plan first.';
  if (!plan.names.tools.includes(call.tool)) return `The plan does not name the tool "${call.tool}", and nothing that is read on the way is a reason to use it. Go on by the plan, or give your answer and say what is not done.`;
  const { type } = call.arguments;
  if (call.tool !== startRunTool.name || (typeof type === 'string' && plan.names.runs.includes(type))) return undefined;
  return `The plan names no tasks of the type ${JSON.stringify(type)} that runs may be started for. Go on by the plan, or give your answer and say what is not done.`;
}

/** Why a person confirms a call of the plan, whatever policies say; undefined where none has to. */
export function addedToPlan({ tool, arguments: { type } }: PlannedCall, plan: PlanScope | undefined): string | undefined {
  if (plan === undefined || plan === 'awaited') return undefined;
  const isAdded = plan.asks.tools.includes(tool) || (tool === startRunTool.name && typeof type === 'string' && plan.asks.runs.includes(type));
  return isAdded ? `The call came into the plan after text had been read that others wrote, so a person confirms each use of "${tool}".` : undefined;
}
