import { z } from 'zod';
import { digest, toolName } from './identifiers.js';
import { planLimits } from './plan.js';

/**
 * The tool that a call is recorded under when it cannot be read or kept. No catalogue has it, so policy refuses it with
 * certainty, where empty arguments might have been allowed; and the model is shown what is wrong with it.
 */
export const UNREADABLE_CALL = 'unreadable_call';

export const toolRequest = z.strictObject({
  /** The model's own id of the call, kept so that results can be given back to it. */
  requestId: z.string().min(1).max(256),
  tool: toolName,
  arguments: z.record(z.string(), z.unknown()),
});
export type ToolRequest = z.infer<typeof toolRequest>;

/** Money for a model's work, in millionths of a currency's unit (ISO 4217). */
export const cost = z.strictObject({
  micros: z.number().int().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** The day of which the price was. */
  asOf: z.iso.date().optional(),
});
export type Cost = z.infer<typeof cost>;

/** Tokens that a model read and wrote; its cost is absent where nobody knows the price. */
const tokensUsed = z.strictObject({ inputTokens: z.number().int().nonnegative(), outputTokens: z.number().int().nonnegative(), cost: cost.optional() });

/** One try to have a model answer: `answered`, or the code of why it did not. */
export const modelAttempt = z.strictObject({
  model: z.string().max(200), outcome: z.string().max(100), durationMs: z.number().nonnegative(),
  /** Of an answer that could not be used, and is paid for all the same. */
  usage: tokensUsed.optional(),
});
export type ModelAttempt = z.infer<typeof modelAttempt>;

/**
 * Why no model answered: the key was refused, the prompt rejected, more was asked than the provider or this installation allows, the
 * provider failed, could not be reached, said nothing, took too long or broke off, or what it sent was no answer of its protocol. Of a
 * reasoner: no process answers for it, it died at work, took too long, could not be reached or sent its request, or said why it has no answer.
 */
export const modelFault = z.enum([
  'model.refused', 'model.rejected', 'model.rate-limited', 'model.overbooked', 'model.unavailable', 'model.unreachable', 'model.silent', 'model.timeout', 'model.interrupted', 'model.garbled', 'model.failed',
  'reasoner.absent', 'reasoner.silent', 'reasoner.timeout', 'reasoner.unreachable', 'reasoner.request-too-large', 'reasoner.failed',
]);
export type ModelFault = z.infer<typeof modelFault>;

/** A step for which no model answered, as its planner tells it. */
export const modelFailure = z.strictObject({
  /** The number of the plan commit, which still waits for a proposal. */
  basis: z.number().int().positive(),
  code: modelFault,
  /** What was wrong, and what to do about it. */
  message: z.string().max(1_000),
  remedy: z.string().max(1_000),
  /** Every try, in order. */
  attempts: z.array(modelAttempt).max(32),
});

/** What is asked of a model beside its prompt; a provider's own default where a member is left out. */
export const modelParameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxOutputTokens: z.number().int().min(1).max(1_000_000).optional(),
  seed: z.number().int().optional(),
});
export type ModelParameters = z.infer<typeof modelParameters>;

/** What is recorded of a model's answer, so that it can be reconstructed, asked about and paid for. */
export const modelCall = z.strictObject({
  name: z.string(),
  provider: z.string(),
  /** SHA-256 that stands for the instructions, the messages and the tools that the model was shown. */
  promptDigest: digest,
  toolsShown: z.array(toolName),
  /** The contracts by which the tools were shown, by digest; absent where they are those of the run's last decision that has them. */
  contracts: z.record(toolName, digest).optional(),
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  finishReason: z.string(),
  durationMs: z.number().nonnegative(),
  /** The model as the provider names it, and its own id of the request, for asking it about the call. */
  responseModel: z.string().max(200).optional(),
  requestId: z.string().max(200).optional(),
  parameters: modelParameters.optional(),
  /** Of the input, what the provider had in its cache; of the output, what was thought and not said. */
  cachedInputTokens: z.number().int().nonnegative().optional(),
  reasoningTokens: z.number().int().nonnegative().optional(),
  /** Absent where nobody knows the price. */
  cost: cost.optional(),
  /** Every try, in order, where there was more than one. */
  attempts: z.array(modelAttempt).max(32).optional(),
});

export type ModelCall = z.infer<typeof modelCall>;

/** What a model's call used, with those tries whose answers could not be used. */
export function spentOn({ attempts = [], ...call }: Pick<ModelCall, 'inputTokens' | 'outputTokens' | 'cost' | 'attempts'>): { readonly tokens: number; readonly costMicros?: number } {
  const used = [call, ...attempts.flatMap(({ usage }) => usage ?? [])];
  const costs = used.flatMap(({ cost: known }) => known?.micros ?? []);
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return { tokens: sum(used.flatMap(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])), ...(costs.length === 0 ? {} : { costMicros: sum(costs) }) };
}

/**
 * What is to stand, in what the model is shown, in the place of everything up to a commit but the task. The summary is worth no more
 * than what the run has read, whatever it says and whoever made it.
 */
export const compaction = z.strictObject({
  /** The last commit that it stands for; 0 for what a forked run goes on with alone. */
  upTo: z.number().int().nonnegative(),
  summary: z.string().min(1).max(32_000),
  /** Written by a model, or put together from what happened. */
  by: z.enum(['model', 'extractive']),
  /** What a model was asked for and cost, also where what it gave could not be used. */
  model: modelCall.omit({ promptDigest: true, toolsShown: true, contracts: true, durationMs: true }).optional(),
});
export type Compaction = z.infer<typeof compaction>;

/** What a planner wants: calls, or the end. It is a wish; nothing in it is believed. */
export const proposal = z.strictObject({
  /** The number of the `plan` commit that this answers; a proposal for any other is stale. */
  basis: z.number().int().positive(),
  text: z.string().max(200_000),
  requests: z.array(toolRequest).max(32),
  /** Set when the planner considers the task done. */
  answer: z.string().max(200_000).optional(),
  /** A plan for the whole task as JSON, as the model wrote it; the orchestrator says whether it is one. Calls beside it are refused. */
  plan: z.string().min(1).max(planLimits.text).optional(),
  model: modelCall,
  /** What earlier steps are to be shown as from now on. */
  compaction: compaction.optional(),
});
export type Proposal = z.infer<typeof proposal>;
