import { startRunTool, type Budgets, type ToolBudget, type ToolUse } from '@holdfast/contracts';
import { callsWith, type Born } from './state.js';

/** What a run may still use. A member is absent where nothing limits it. */
export interface Left {
  readonly tokens?: number;
  readonly costMicros?: number;
  readonly amount?: number;
  readonly tools?: Readonly<Record<string, ToolBudget>>;
}

/** What is left of a run's budgets: of what it was given, less what it has used, and less what the runs that it started may use until they have ended. */
export function leftOf(state: Born): Left {
  const given = callsWith(state, 'waiting').flatMap(({ wait }) => (wait?.for === 'child' ? [wait.start.budgets] : []));
  const held = (of: (budgets: Budgets) => number | undefined): number => given.reduce((sum, budgets) => sum + (of(budgets) ?? 0), 0);
  const { maxTokens, maxCostMicros, maxAmount, tools } = state.budgets;
  const left = (limit: number, used: number): number => Math.max(0, limit - used);
  return {
    ...(maxTokens === undefined ? {} : { tokens: maxTokens - state.spent.tokens - held((budgets) => budgets.maxTokens) }),
    ...(maxCostMicros === undefined ? {} : { costMicros: maxCostMicros - (state.spent.costMicros ?? 0) - held((budgets) => budgets.maxCostMicros) }),
    ...(maxAmount === undefined ? {} : { amount: left(maxAmount, state.spent.amount + held((budgets) => budgets.maxAmount)) }),
    ...(tools === undefined ? {} : {
      tools: Object.fromEntries(Object.entries(tools).map(([tool, { maxCalls, maxAmount: most }]) => {
        const { calls, amount } = usedOf(state, tool);
        return [tool, {
          ...(maxCalls === undefined ? {} : { maxCalls: left(maxCalls, calls + held((budgets) => budgets.tools?.[tool]?.maxCalls)) }),
          ...(most === undefined ? {} : { maxAmount: left(most, amount + held((budgets) => budgets.tools?.[tool]?.maxAmount)) }),
        }];
      })),
    }),
  };
}

/** True when a model that is asked once more can only answer: whatever else it asks for goes beyond a budget. */
export function isSpent({ steps, spent, budgets: { maxSteps, maxTokens = Infinity, maxCostMicros = Infinity } }: Born): boolean {
  return steps >= maxSteps || spent.tokens >= maxTokens || (spent.costMicros ?? 0) >= maxCostMicros;
}

/** What one of several runs gets that are about to be started: those of one decision share alike, so that together they have no more than there is. */
export function shareOf({ tokens, costMicros, amount, tools }: Left, among: number): Left {
  const part = (whole: number): number => Math.floor(whole / Math.max(1, among));
  return {
    ...(tokens === undefined ? {} : { tokens: part(tokens) }),
    ...(costMicros === undefined ? {} : { costMicros: part(costMicros) }),
    ...(amount === undefined ? {} : { amount: part(amount) }),
    ...(tools === undefined ? {} : {
      tools: Object.fromEntries(Object.entries(tools).map(([tool, { maxCalls, maxAmount }]) => [tool, {
        ...(maxCalls === undefined ? {} : { maxCalls: part(maxCalls) }), ...(maxAmount === undefined ? {} : { maxAmount: part(maxAmount) }),
      }])),
    }),
  };
}

/** How many runs this decision may still start. */
export function toBeStarted(state: Born): number {
  return callsWith(state, 'undispatched', 'awaiting-approval').filter(({ tool }) => tool === startRunTool.name).length;
}

/** Why a call may not be sent, by what it carries and what is left; undefined where it may. */
export function overdraft(state: Born, tool: string, amount: number | undefined): string | undefined {
  const left = leftOf(state);
  if (amount !== undefined && left.amount !== undefined && amount > left.amount) return `The call carries ${amount}, and of the run's budget of ${state.budgets.maxAmount} only ${left.amount} is left.`;
  const own = left.tools !== undefined && Object.hasOwn(left.tools, tool) ? left.tools[tool] : undefined;
  if (own?.maxCalls !== undefined && own.maxCalls < 1) return `The run may call ${tool} ${state.budgets.tools?.[tool]?.maxCalls} times, and has.`;
  if (amount !== undefined && own?.maxAmount !== undefined && amount > own.maxAmount) return `The call carries ${amount}, and of the run's budget of ${state.budgets.tools?.[tool]?.maxAmount} for ${tool} only ${own.maxAmount} is left.`;
  return undefined;
}

/** The state after a tool was used more, or less where a call came to nothing. Only what is limited is counted. */
export function using<S extends Born>(state: S, tool: string, { calls, amount }: ToolUse): S {
  if (state.budgets.tools === undefined || !Object.hasOwn(state.budgets.tools, tool)) return state;
  const used = usedOf(state, tool);
  return { ...state, used: { ...state.used, [tool]: { calls: used.calls + calls, amount: used.amount + amount } } };
}

function usedOf({ used = {} }: Born, tool: string): ToolUse {
  return Object.hasOwn(used, tool) ? (used[tool] ?? { calls: 0, amount: 0 }) : { calls: 0, amount: 0 };
}
