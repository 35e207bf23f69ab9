import { z } from 'zod';
import { agentVersion } from './agents.js';
import { toolContract } from './catalog.js';
import { runId, tenantId, toolName } from './identifiers.js';
import { label } from './labels.js';
import { cost } from './proposal.js';

/**
 * The wire contract of reasoners: processes of anybody's that take the place of the model for one agent. Core NATS request and reply,
 * JSON in both directions. The planner that asks keeps everything that has to last or to be believed (the lease, the conversation, what
 * policy lets be seen, the recorded answer); a reasoner is shown one step and says what it would do. Nothing that it says is believed.
 */
export const REASONER_PROTOCOL = 1;

/** Milliseconds within which a reasoner that has begun to say that it is at work has to be heard again: it is taken for dead after that. */
export const REASONER_SILENCE_MS = 5_000;

/** Milliseconds in which a reasoner answers that says nothing before. The broker forgets where such an answer goes after two minutes. */
export const REASONER_UNHEARD_MS = 60_000;

const worth = {
  label: label.meta({ description: 'What the part is worth as a whole: the join of all that is in it.' }),
  fields: z.record(z.string(), label).optional().meta({ description: 'What single values of it are worth, by dotted path: within the result of a call, and `goal`, `input` and below for the task.' }),
};

export const reasonerCall = z.object({ id: z.string(), tool: toolName, arguments: z.record(z.string(), z.unknown()) });

export const reasonerResult = z.object({
  id: z.string().meta({ description: 'The call that it is of.' }),
  tool: toolName,
  status: z.enum(['succeeded', 'failed', 'refused', 'open']).meta({ description: '`refused`: by policy or a person, and nothing was done. `open`: nothing has come of it so far.' }),
  value: z.unknown().meta({ description: 'The result; what went wrong; or the reason, as a text.' }),
  ...worth,
});

/** A message of the conversation so far, made from the log. */
export const reasonerMessage = z.discriminatedUnion('role', [
  z.object({ role: z.literal('user'), text: z.string().meta({ description: 'The task first, as JSON; then what the run was told: signals, notices, summaries of earlier steps.' }), ...worth }),
  z.object({ role: z.literal('assistant'), text: z.string(), calls: z.array(reasonerCall), ...worth }),
  z.object({ role: z.literal('tool'), results: z.array(reasonerResult).meta({ description: 'One for each call of the message before.' }) }),
]);
export type ReasonerMessage = z.infer<typeof reasonerMessage>;

/** Members may be added within a protocol's version: a reasoner reads past those that it does not know. */
export const reasonerRequest = z.object({
  protocol: z.literal(REASONER_PROTOCOL),
  tenant: tenantId,
  run: runId,
  basis: z.number().int().positive().meta({ description: 'The number of the commit that is answered. The answer repeats it; an answer to any other is refused.' }),
  agent: agentVersion,
  instructions: z.string().meta({ description: 'The agent\'s instructions, and what Holdfast adds to them.' }),
  messages: z.array(reasonerMessage),
  tools: z.array(toolContract.pick({ name: true, description: true, input: true, digest: true })).meta({ description: 'What may be asked for. Being shown permits nothing: policy judges every call.' }),
  mayOnlyAnswer: z.boolean().meta({ description: 'A budget is used up: calls would be refused, only an answer is of use.' }),
  outputSchema: z.record(z.string(), z.unknown()).optional().meta({ description: 'JSON Schema that the answer follows, as JSON text.' }),
  left: z.object({
    steps: z.number().int().nonnegative(),
    tokens: z.number().int().optional(),
    costMicros: z.number().int().optional().meta({ description: 'Millionths of the unit of the currency of the price list.' }),
    amount: z.number().int().optional().meta({ description: 'Money, in minor units, that calls may still carry.' }),
  }).meta({ description: 'What is left of the run\'s budgets; a member is absent where nothing limits it.' }),
  timeoutMs: z.number().int().positive().meta({ description: 'Milliseconds from now after which nobody listens to the answer.' }),
});
export type ReasonerRequest = z.infer<typeof reasonerRequest>;

const count = z.number().int().nonnegative().max(1_000_000_000);

/** What a reasoner tells of the models that it asked, all together. It counts into the run's budgets and is recorded as the reasoner's word. */
export const reasonerModel = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: '`provider/model` as in the price list, where the costs are to be worked out by that.' }),
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count.optional().meta({ description: 'Of the input, what the provider had in its cache.' }),
  reasoningTokens: count.optional().meta({ description: 'Of the output, what was thought and not said.' }),
  cost: cost.optional().meta({ description: 'Used where the price list does not know the name, in the currency of the list.' }),
  finishReason: z.string().max(100).optional(),
  requestId: z.string().max(200).optional().meta({ description: 'The provider\'s own id of the last request.' }),
});

export const reasonerAnswer = z.strictObject({
  basis: z.number().int().positive(),
  text: z.string().max(200_000).default('').meta({ description: 'What it says beside its calls; shown to people, and to itself in later steps.' }),
  requests: z.array(z.strictObject({
    id: z.string().min(1).max(256).optional().meta({ description: 'Its own id of the call, by which the result is given back; made up when left out.' }),
    tool: z.string().min(1).max(200),
    arguments: z.record(z.string(), z.unknown()),
  })).max(32).default([]),
  answer: z.string().max(200_000).optional().meta({ description: 'The final answer, which ends the run. Without `requests`.' }),
  model: reasonerModel.optional(),
}).refine(({ requests, answer }) => (requests.length > 0) !== (answer !== undefined), 'it needs either requests or an answer, and not both');
export type ReasonerAnswer = z.infer<typeof reasonerAnswer>;

/** Why a reasoner gives no answer. */
export const reasonerFailure = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/, 'must be dotted and lower-case').max(100),
    message: z.string().min(1).max(4_000),
    retryable: z.boolean().meta({ description: 'The same request may be put again, here or to another instance.' }),
    remedy: z.string().max(1_000).optional().meta({ description: 'What the reader should do next.' }),
    retryAfterMs: z.number().int().min(0).max(86_400_000).optional(),
  }),
});
export type ReasonerFailure = z.infer<typeof reasonerFailure>;

/** That a reasoner is at work, any number of times before its answer, and what it says meanwhile, which whoever watches the run is shown. */
export const reasonerProgress = z.strictObject({ working: z.literal(true), said: z.string().max(8_000).optional() });
export type ReasonerProgress = z.infer<typeof reasonerProgress>;
