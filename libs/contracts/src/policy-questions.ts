import { z } from 'zod';
import { budgetDraw } from './budget-accounts.js';
import { recordedCommit } from './commit.js';
import { digest, instant, runId, tenantId, toolName } from './identifiers.js';
import { plannedCall, verdict } from './policy.js';

/** Asks which tools the planner may be shown for the run's next step. */
export const visibleRequest = z.strictObject({
  tenant: tenantId,
  runId,
  /** A commit of the run that policy has to know, such as the one that adopted its plan; any will do when left out. */
  knowing: z.number().int().positive().optional(),
});
export const visibleAnswer = z.strictObject({
  tools: z.array(toolName),
  /** Of a run that goes by a plan: what it might be shown as well if its plan named it. */
  beyondPlan: z.array(toolName).optional(),
  policyDigest: digest,
});
export type VisibleRequest = z.infer<typeof visibleRequest>;
export type VisibleAnswer = z.infer<typeof visibleAnswer>;

/** A person's answer to an approval, as the log holds it. */
export const approvalGrant = z.strictObject({ approvalId: z.string(), by: z.string(), at: instant });
export type ApprovalGrant = z.infer<typeof approvalGrant>;

/** Asks whether calls may run now. `approval` is set when a person has approved exactly this one call. */
export const authorizeRequest = z.strictObject({
  tenant: tenantId,
  runId,
  /** The number of the run's last commit as the asker knows it; policy reads at least up to it. */
  head: z.number().int().positive(),
  /** None where nothing but the budgets of the model's answer is asked about. */
  calls: z.array(plannedCall).max(32),
  /**
   * The contract, by the tool's name, that the asker will dispatch the calls under. Policy answers only for the same one,
   * since a permit under another would be refused by the adapter.
   */
  contracts: z.record(toolName, digest).optional(),
  /**
   * The run's last commits up to `head` in order, as the asker has just written them. Policy folds those that are chained to
   * what it knows, and reads from the log what lies before them.
   */
  tail: z.array(recordedCommit).max(32).optional(),
  approval: approvalGrant.optional(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;
export const authorizeAnswer = z.strictObject({
  verdicts: z.array(verdict),
  /** Budgets of more than this run that the tokens of its model are taken from. */
  tokenDraws: z.array(budgetDraw).max(32).optional(),
});
export type AuthorizeAnswer = z.infer<typeof authorizeAnswer>;
