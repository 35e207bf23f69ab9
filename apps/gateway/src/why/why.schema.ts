import { z } from 'zod';
import { argumentOrigin, attempt, digest, failure, instant, modelCall, planMeans, planStep, resolutionKind, runId, shownPassage, toolName, trust, verdict } from '@holdfast/contracts';

/** Where in the log a link of the chain is written. */
const link = z.object({ commit: z.int(), at: instant, hash: digest, trusted: z.boolean().describe('False from a broken place of the hash chain on.') });
export type WhyLink = z.infer<typeof link>;

const shownObservation = link.extend({
  callId: z.string(), tool: z.string(), trust, source: z.string(),
  passages: z.array(shownPassage.extend({ documentId: z.string() })).optional().describe('Of a search in memory: the very passages that the model was shown, with their digests and labels. What a secret one says, and where it is from, is left out.'),
});

const followedPlan = link.extend({ steps: z.array(planStep), asks: planMeans.describe('What of it a person confirms each time.'), trust, own: z.boolean().describe('True of a plan that this very decision adopted; else it is the one by which the run went.') });

export const whyDecision = link.extend({
  text: z.string(),
  answer: z.string().optional(),
  basis: z.int().describe('The commit that asked the planner.'),
  model: modelCall.omit({ promptDigest: true, toolsShown: true, contracts: true }),
  plan: followedPlan.optional().describe('Of a run that plans first: the plan that was adopted, or by which it was decided.'),
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
const dispatched = link.extend({
  adapter: z.string(), effect: z.string(), contractDigest: digest, permitDigest: digest,
  operationKey: digest.optional().describe('The key of the business operation, under which the ledger has it; absent for reads, and where the contract is no longer known.'),
});
const waited = link.extend({ for: z.enum(['time', 'signal', 'child']), runId: runId.optional().describe('The run that it started.'), status: z.string().optional().describe('How that run ended, once it has.') });
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
  waited: waited.optional().describe('Of a call to one of Holdfast\'s own tools: what it waited for.'),
  outcomes: z.array(outcome),
});
export type WhyAction = z.infer<typeof whyAction>;

const chain = z.object({
  verified: z.boolean(),
  commits: z.int(),
  head: digest,
  brokenAt: z.object({ number: z.int(), problem: z.string() }).optional(),
}).describe('The check of every hash, link and pointer from the first commit to the head.');

const told = z.object({
  runId,
  question: z.object({ commit: z.int().optional(), effect: z.string().optional() }),
  task: link.extend({ source: z.string(), id: z.string(), type: z.string(), goal: z.string(), requester: z.string(), agent: z.object({ name: z.string(), digest }) }),
  subject: link.extend({ route: z.string(), previousHash: digest, cause: z.object({ kind: z.string(), id: z.string() }), events: z.array(z.looseObject({ type: z.string() })) }).describe('The commit asked about, as the log holds it.'),
  decision: whyDecision.optional().describe('The decision that the commit itself holds, where it is no call\'s.'),
  actions: z.array(whyAction).describe('The calls that the commit is about.'),
  chain,
});
/** What one run tells. */
export type WhyInRun = z.infer<typeof told>;

const origin = z.object({
  relation: z.enum(['started-by', 'forked-from']),
  runId,
  callId: z.string().optional().describe('The call that started the run.'),
  commit: z.int().optional().describe('The commit at which the run began.'),
  by: z.string().optional().describe('Who forked it, and why.'),
  reason: z.string().optional(),
  holds: z.boolean().describe('Whether that run says the same: that this call started this very run, or that the commit has the hash that the fork names.'),
  problem: z.string().optional(),
  why: told.optional().describe('The causal chain of that call or commit; absent where that run cannot be read.'),
});
export type WhyOrigin = z.infer<typeof origin>;

export const why = told.extend({ origins: z.array(origin).describe('Where the run came from, nearest first: the run that started it or at which it was forked, and so on.') });
export type Why = z.infer<typeof why>;

export const whyGraph = z.object({
  runId,
  nodes: z.array(z.object({
    id: z.string(),
    kind: z.enum(['task', 'decision', 'plan', 'observation', 'passage', 'proposal', 'policy', 'approval', 'refusal', 'call', 'wait', 'outcome', 'commit', 'break']),
    label: z.string(),
    runId,
    commit: z.int().optional(),
    at: instant.optional(),
    trusted: z.boolean(),
  })),
  edges: z.array(z.object({ from: z.string(), to: z.string(), label: z.string().optional() })).describe('From causes to what followed from them.'),
});
export type WhyGraph = z.infer<typeof whyGraph>;
