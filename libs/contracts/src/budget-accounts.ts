import { z } from 'zod';
import { digest, instant, runId } from './identifiers.js';

const count = z.number().int().nonnegative();

/** What is taken from a budget: calls, the money in minor units that they carry, tokens of models, and what those cost in millionths of a unit. */
export const budgetUse = z.strictObject({ calls: count, amount: count, tokens: count, costMicros: count });
export type BudgetUse = z.infer<typeof budgetUse>;

/** A budget that runs share and that a call, or a model's answer, draws upon: policy finds it, the orchestrator takes from it. */
export const budgetDraw = z.strictObject({
  /** The limit's id in the deployment's rules. */
  limit: z.string().min(1).max(64),
  /** Whose budget it is, for people: `user otto, tool pay_invoice`. */
  holder: z.string().max(1_024),
  /** SHA-256 over limit, tenant and holder. */
  account: digest,
  /** Length of the window in seconds. Windows follow one another from the Unix epoch on, so that one of a day begins at midnight UTC. */
  windowSeconds: z.number().int().min(1).max(366 * 86_400),
  maxCalls: count.optional(),
  maxAmount: count.optional(),
  maxTokens: count.optional(),
  maxCostMicros: count.optional(),
});
export type BudgetDraw = z.infer<typeof budgetDraw>;

/** What a call that is out has taken from: an account, in one of its windows, by the window's number from the epoch on. */
export const budgetHold = z.strictObject({ account: digest, window: count, windowSeconds: count });
export type BudgetHold = z.infer<typeof budgetHold>;

/** Names what takes: a run, and its call (`c4-1`) or the decision of a model's answer (`p4`). */
const key = z.strictObject({ run: runId, taker: z.string().min(1).max(64) });

/**
 * One entry of an account. What is taken once is not taken again for the same key, and what was given back is not given back again. `head`
 * and `before` are numbers of commits of the run: a call that is sent anew takes anew, and what comes late from before does not undo it.
 */
export const budgetEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('taken'), key, head: count, use: budgetUse, draw: budgetDraw, at: instant }),
  z.strictObject({ kind: z.literal('given-back'), key, before: count, at: instant }),
]);
export type BudgetEntry = z.infer<typeof budgetEntry>;

/** What one message of an account holds: everything that its writer had to note at that moment. */
export const budgetEntries = z.array(budgetEntry).min(1).max(256);
export type BudgetKey = BudgetEntry['key'];

/** The window of an account at an instant, in milliseconds since the Unix epoch. */
export function windowAt(windowSeconds: number, at: number): number {
  return Math.floor(at / (windowSeconds * 1_000));
}
