import { z } from 'zod';
import { budgetDraw } from './budget-accounts.js';
import { argumentRole } from './catalog.js';
import { digest, personRole, runId, tenantId, toolName } from './identifiers.js';
import { reading, secrecy, trust } from './labels.js';
import { memoryScopes } from './memory.js';
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
  /** Of text that is written somewhere: the most secret that it may be. */
  secrecy: secrecy.optional(),
  /**
   * Why a target may be acted upon: the requester or somebody who vouches states it, this run created it, or it is of the one
   * record that the requester named. Absent where none of them holds.
   */
  grounds: z.enum(['stated', 'created', 'named']).optional(),
});
export type ArgumentOrigin = z.infer<typeof argumentOrigin>;

/** Who has to agree to a call that is asked about: how many different people, in which role, and who is asked beside them when nobody has answered. */
export const approvalNeeds = z.strictObject({
  persons: z.number().int().min(1).max(2),
  /** Any of these; anybody who may answer approvals when left out. */
  roles: z.array(personRole).max(32).optional(),
  escalation: z.strictObject({ afterSeconds: z.number().int().min(1).max(31_536_000), roles: z.array(personRole).min(1).max(32) }).optional(),
});
export type ApprovalNeeds = z.infer<typeof approvalNeeds>;

export const verdictOutcome = z.enum(['allow', 'ask', 'deny']);

/** Stands in a verdict that policy never gave: the question was too large for a message, or policy said nothing of the call. */
export const UNJUDGED = '0'.repeat(64);

/** What policy said of one call. `permit` is present exactly when the outcome is `allow`. */
export const verdict = z.strictObject({
  callId: z.string(),
  outcome: verdictOutcome,
  reasons: z.array(z.string()).min(1),
  policies: z.array(z.string()),
  policyDigest: digest,
  risk: z.strictObject({ score: z.number().min(0).max(100), factors: z.array(z.string()) }),
  origins: z.array(argumentOrigin),
  /** Of the outcome `ask`: who is asked; one person of any role when left out. */
  needs: approvalNeeds.optional(),
  /** Of the outcome `allow`: budgets of more than this run that the call draws upon; it is sent once each has given what it takes. */
  draws: z.array(budgetDraw).max(32).optional(),
  permit: z.string().optional(),
});
export type Verdict = z.infer<typeof verdict>;

export const plannedCall = toolRequest.extend({ callId: z.string() });
export type PlannedCall = z.infer<typeof plannedCall>;

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
  /** The run's last commit as policy knew it: the one that dispatches the call follows soon after. */
  after: z.number().int().nonnegative().optional(),
  /** Of a tool that stores labels: what the text that the model wrote into the call is worth; see `writtenAfter`. */
  worth: reading.optional(),
  /** Of a tool that works in memory: the scopes in which this call may. */
  memoryScopes: memoryScopes.min(1).optional(),
  /** Seconds since the Unix epoch, as RFC 7519 has it. */
  iat: z.number().int(),
  exp: z.number().int(),
});
export type PermitClaims = z.infer<typeof permitClaims>;
