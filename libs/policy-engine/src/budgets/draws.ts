import type { BudgetDraw, Task } from '@holdfast/contracts';
import { canonicalDigest } from '../digests/sha256.js';
import type { BudgetLimit, BudgetRules } from './budget-rules.js';

/** Who draws: a run by its tenant, its agent, and the user whom it works for. */
export interface Drawer {
  readonly tenant: string;
  readonly agent: string;
  readonly task: Pick<Task, 'requester' | 'requesterRoles'>;
}

/** The budgets that a call of this tool draws upon, in the order of the rules. */
export function drawsOf(rules: BudgetRules, drawer: Drawer, tool: string): readonly BudgetDraw[] {
  return rules.limits
    .filter((limit) => (limit.maxCalls !== undefined || limit.maxAmount !== undefined) && (limit.tools?.includes(tool) ?? true) && isMeant(limit, drawer))
    .map((limit) => drawOf(limit, drawer, tool));
}

/** The budgets that the tokens of the run's model are taken from. */
export function tokenDrawsOf(rules: BudgetRules, drawer: Drawer): readonly BudgetDraw[] {
  return rules.limits.filter((limit) => (limit.maxTokens ?? limit.maxCostMicros) !== undefined && isMeant(limit, drawer)).map((limit) => drawOf(limit, drawer));
}

function isMeant({ agents, roles }: BudgetLimit, { agent, task: { requesterRoles = [] } }: Drawer): boolean {
  return (agents?.includes(agent) ?? true) && (roles?.some((role) => requesterRoles.includes(role)) ?? true);
}

function drawOf({ id, per, windowSeconds, maxCalls, maxAmount, maxTokens, maxCostMicros }: BudgetLimit, { tenant, agent, task }: Drawer, tool?: string): BudgetDraw {
  const holder = {
    ...(per.includes('user') ? { user: task.requester } : {}),
    ...(per.includes('agent') ? { agent } : {}),
    ...(per.includes('tool') && tool !== undefined ? { tool } : {}),
  };
  const named = Object.entries(holder).map(([kind, name]) => `${kind} ${name}`).join(', ');
  return {
    limit: id, holder: named === '' ? 'all together' : named, account: canonicalDigest({ limit: id, tenant, windowSeconds, holder }), windowSeconds,
    ...(maxCalls === undefined ? {} : { maxCalls }), ...(maxAmount === undefined ? {} : { maxAmount }), ...(maxTokens === undefined ? {} : { maxTokens }), ...(maxCostMicros === undefined ? {} : { maxCostMicros }),
  };
}
