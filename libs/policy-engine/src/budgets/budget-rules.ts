import { HoldfastError, budgetDraw, personRole, toolName, type Catalog } from '@holdfast/contracts';
import { z } from 'zod';

/** The file beside the policies that holds them. */
export const BUDGETS_FILE = 'budgets.json';

const whole = z.number().int().nonnegative();

/** One budget that runs share. What `per` names has a budget of its own each; all of a tenant's runs that are meant have one together where it is left out. */
const limit = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'must be small letters, digits, "." and "-"'),
  per: z.array(z.enum(['user', 'agent', 'tool'])).max(3).default([]),
  /** Whose runs and which calls are meant; all when left out. Of roles, one suffices. */
  tools: z.array(toolName).min(1).optional(),
  agents: z.array(z.string().min(1)).min(1).optional(),
  roles: z.array(personRole).min(1).optional(),
  windowSeconds: budgetDraw.shape.windowSeconds,
  maxCalls: whole.optional(),
  /** Money in minor units. */
  maxAmount: whole.optional(),
  /** Tokens of models, in and out. */
  maxTokens: whole.optional(),
  /** What models cost, in millionths of the unit of the price list's currency. */
  maxCostMicros: whole.optional(),
});
export type BudgetLimit = z.infer<typeof limit>;

/** What a deployment limits beyond one run. */
export const budgetRules = z.strictObject({ limits: z.array(limit).max(64) });
export type BudgetRules = z.infer<typeof budgetRules>;

export const NO_LIMITS: BudgetRules = { limits: [] };

/** Reads the text of the file and checks it against the catalogue. Throws `policy.bad-budgets`, which names what is wrong. */
export function readBudgetRules(text: string | undefined, catalog: Catalog): BudgetRules {
  if (text === undefined) return NO_LIMITS;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const parsed = budgetRules.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues.slice(0, 5).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; '));
  const ids = new Set<string>();
  for (const one of parsed.data.limits) {
    const problem = ids.has(one.id) ? 'another has the same id' : problemOf(one, catalog);
    if (problem !== undefined) throw invalid(`limit "${one.id}": ${problem}`);
    ids.add(one.id);
  }
  return parsed.data;
}

/** A limit that would silently never count is refused. */
function problemOf({ per, tools, agents, maxCalls, maxAmount, maxTokens, maxCostMicros }: BudgetLimit, catalog: Catalog): string | undefined {
  if ([maxCalls, maxAmount, maxTokens, maxCostMicros].every((most) => most === undefined)) return 'it limits nothing: give maxCalls, maxAmount, maxTokens or maxCostMicros';
  const contracts = new Map(catalog.tools.map((tool) => [tool.name, tool]));
  const strange = tools?.find((tool) => !contracts.has(tool)) ?? agents?.find((agent) => !catalog.agents.some(({ name }) => name === agent));
  if (strange !== undefined) return `the catalogue has no "${strange}"`;
  if ((maxTokens ?? maxCostMicros) !== undefined && (tools !== undefined || per.includes('tool'))) return 'tokens are used by models and not by tools, so maxTokens and maxCostMicros go with neither "tools" nor per "tool"';
  if (maxAmount === undefined) return undefined;
  if (tools === undefined) return 'amounts of unlike tools make no sum, so maxAmount needs "tools"';
  const moneyless = tools.find((tool) => contracts.get(tool)?.amountArgument === undefined);
  return moneyless === undefined ? undefined : `the contract of "${moneyless}" has no amountArgument, so that nothing would count against maxAmount`;
}

function invalid(reason: string): HoldfastError {
  return new HoldfastError({ code: 'policy.bad-budgets', message: `${BUDGETS_FILE} is wrong: ${reason}.`, retryable: false, remedy: 'Correct it; docs/budgets.md describes the form.' });
}
