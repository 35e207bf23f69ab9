import { z } from 'zod';
import { argumentOrigin, attempt, digest, failure, instant, modelCall, resolutionKind, runId, shownPassage, toolName, trust, verdict } from '@holdfast/contracts';

/** Where in the log a link of the chain is written. */
const link = z.object({ commit: z.int(), at: instant, hash: digest, trusted: z.boolean().describe('False from a broken place of the hash chain on.') });
export type WhyLink = z.infer<typeof link>;

const shownObservation = link.extend({
  callId: z.string(), tool: z.string(), trust, source: z.string(),
  passages: z.array(shownPassage.extend({ documentId: z.string() })).optional().describe('Of a search in memory: the very passages that the model was shown, with their digests and labels. What a secret one says, and where it is from, is left out.'),
});

export const whyDecision = link.extend({
  text: z.string(),
  answer: z.string().optional(),
  basis: z.int().describe('The commit that asked the planner.'),
  model: modelCall.omit({ promptDigest: true, toolsShown: true, contracts: true }),
  shown: z.object({
    promptDigest: digest.describe('SHA-256 of the messages and tools that the model was shown.'),
    tools: z.array(toolName),
    contracts: modelCall.shape.contracts.describe('The contracts by which the tools were shown, by digest; absent where they are those of the last decision that has them.'),
    observations: z.array(shownObservation).describe('What tools had told the run by then, the last 32.'),
  }),
});
export type WhyDecision = z.infer<typeof whyDecision>;

const policy = link.extend({ outcome: verdict.shape.outcome, reasons: z.array(z.string()), policies: z.array(z.string()), policyDigest: digest, risk: verdict.shape.risk, origins: z.array(argumentOrigin) });
const approval = link.extend({
  approvalId: z.string(),
  reasons: z.array(z.string()),
  expiresAt: instant,
  answered: link.extend({ answer: z.enum(['approved', 'rejected', 'expired', 'edited', 'endorsed', ...resolutionKind.options]), by: z.string(), comment: z.string() }).optional(),
});
const dispatched = link.extend({ adapter: z.string(), effect: z.string(), contractDigest: digest, permitDigest: digest });
const outcome = link.extend({ status: z.enum(['succeeded', 'failed', 'in-doubt']), replayed: z.boolean(), attempts: z.array(attempt), result: z.unknown().optional(), failure: failure.optional() });

export const whyAction = z.object({
  callId: z.string(),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
  decision: whyDecision.optional(),
  policy: z.array(policy),
  approvals: z.array(approval),
  refused: link.extend({ reasons: z.array(z.string()) }).optional(),
  call: dispatched.optional(),
  simulated: link.extend({ from: z.object({ runId, number: z.int() }).optional().describe('The commit of the run that holds what it came to there.') }).optional().describe('Of a run whose effects are simulated: nobody was asked to make the call.'),
  outcomes: z.array(outcome),
});
export type WhyAction = z.infer<typeof whyAction>;

export const why = z.object({
  runId,
  question: z.object({ commit: z.int().optional(), effect: z.string().optional() }),
  task: link.extend({ source: z.string(), id: z.string(), type: z.string(), goal: z.string(), requester: z.string(), agent: z.object({ name: z.string(), digest }) }),
  subject: link.extend({ route: z.string(), previousHash: digest, cause: z.object({ kind: z.string(), id: z.string() }), events: z.array(z.looseObject({ type: z.string() })) }).describe('The commit asked about, as the log holds it.'),
  decision: whyDecision.optional().describe('The decision that the commit itself holds, where it is no call\'s.'),
  actions: z.array(whyAction).describe('The calls that the commit is about.'),
  chain: z.object({
    verified: z.boolean(),
    commits: z.int(),
    head: digest,
    brokenAt: z.object({ number: z.int(), problem: z.string() }).optional(),
  }).describe('The check of every hash, link and pointer from the first commit to the head.'),
});
export type Why = z.infer<typeof why>;
