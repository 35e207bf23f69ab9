import { z } from 'zod';
import { argumentRole } from './catalog.js';
import { digest, instant, runId, tenantId, toolName } from './identifiers.js';
import { trust } from './labels.js';
import { toolRequest } from './proposal.js';

/** Where one argument's value came from, as the engine found it in the log. */
export const argumentOrigin = z.strictObject({
  argument: z.string(),
  role: argumentRole,
  trust,
  /** The observation that held the value, such as `task.goal` or `tool:get_purchase_order#iban`. */
  source: z.string(),
  /** The text around the value as the engine found it, for people who approve. */
  excerpt: z.string().max(400),
});
export type ArgumentOrigin = z.infer<typeof argumentOrigin>;

export const verdictOutcome = z.enum(['allow', 'ask', 'deny']);

/** What policy said of one call. `permit` is present exactly when the outcome is `allow`. */
export const verdict = z.strictObject({
  callId: z.string(),
  outcome: verdictOutcome,
  reasons: z.array(z.string()).min(1),
  policies: z.array(z.string()),
  policyDigest: digest,
  risk: z.strictObject({ score: z.number().min(0).max(100), factors: z.array(z.string()) }),
  origins: z.array(argumentOrigin),
  permit: z.string().optional(),
});
export type Verdict = z.infer<typeof verdict>;

export const plannedCall = toolRequest.extend({ callId: z.string() });
export type PlannedCall = z.infer<typeof plannedCall>;

/** Asks which tools the planner may be shown for the run's next step. */
export const visibleRequest = z.strictObject({ tenant: tenantId, runId });
export const visibleAnswer = z.strictObject({ tools: z.array(toolName), policyDigest: digest });
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
  calls: z.array(plannedCall).min(1).max(32),
  approval: approvalGrant.optional(),
});
export type AuthorizeRequest = z.infer<typeof authorizeRequest>;
export const authorizeAnswer = z.strictObject({ verdicts: z.array(verdict) });
export type AuthorizeAnswer = z.infer<typeof authorizeAnswer>;

/** The claims of a permit: a JWT (RFC 7519) signed with Ed25519 (RFC 8037), good for one call. */
export const permitClaims = z.looseObject({
  iss: z.literal('holdfast-policy'),
  /** The call; a permit for one call is worthless for any other. */
  jti: z.string(),
  tenant: tenantId,
  run: runId,
  tool: toolName,
  contractDigest: digest,
  argumentsDigest: digest,
  policyDigest: digest,
  /** Seconds since the Unix epoch, as RFC 7519 has it. */
  iat: z.number().int(),
  exp: z.number().int(),
});
export type PermitClaims = z.infer<typeof permitClaims>;
