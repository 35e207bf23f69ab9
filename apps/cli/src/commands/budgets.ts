import { z } from 'zod';
import { table } from '../terminal.js';
import type { AddCommands, Means } from './command.js';

const budget = z.looseObject({
  limit: z.string(), holder: z.string(), until: z.number(), used: z.looseObject({ calls: z.number(), amount: z.number(), tokens: z.number(), costMicros: z.number() }),
  maxCalls: z.number().optional(), maxAmount: z.number().optional(), maxTokens: z.number().optional(), maxCostMicros: z.number().optional(),
});
const list = z.looseObject({ budgets: z.array(budget), more: z.boolean() });

/** Budgets that runs share, and what is used of them. */
export const addBudgetsCommands: AddCommands = (program, means) => {
  program.command('budgets').description('Budgets that runs share, and what is used of them in the present window.').option('--json', 'as JSON').action((options: { readonly json?: true }) => show(options, means));
};

async function show({ json }: { readonly json?: true }, { gateway, terminal }: Means): Promise<void> {
  const found = await gateway().get('/v1/budgets', list);
  if (json === true) return terminal.out(JSON.stringify(found, null, 2));
  if (found.budgets.length === 0) return terminal.out('Nothing has been taken from any shared budget in its present window.');
  const of = (used: number, most: number | undefined): string => (most === undefined ? '' : `${used} of ${most}`);
  terminal.out(table(['limit', 'holder', 'calls', 'amount', 'tokens', 'models', 'until'], found.budgets.map(({ limit, holder, used, maxCalls, maxAmount, maxTokens, maxCostMicros, until }) => [
    limit, holder, of(used.calls, maxCalls), of(used.amount, maxAmount), of(used.tokens, maxTokens), maxCostMicros === undefined ? '' : `${(used.costMicros / 1_000_000).toFixed(2)} of ${(maxCostMicros / 1_000_000).toFixed(2)}`, new Date(until).toISOString(),
  ])));
  if (found.more) terminal.out('\nThere is more to read than is read at once, so what is used may be more.');
}
