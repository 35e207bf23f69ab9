import type { LanguageModel, LanguageModelUsage, ModelMessage, SystemModelMessage } from 'ai';
import type { Cost, ModelAttempt, ModelCall, ModelParameters } from '@holdfast/contracts';
import type { Answered, Try } from './ask-in-turn.js';
import type { Prompt } from '../planning/prompt.js';
import type { NamedModel } from './models.js';
import { costOf, type PriceList } from './prices.js';

/** A proposal keeps no more of a provider's names and ids. */
const LONGEST_NAME = 200;
const MADE_UP = 'aitxt-';
/** The log keeps no more tries of one step. */
export const MOST_ATTEMPTS = 32;

/** What a provider tells of its answer. */
interface Told {
  readonly finishReason: string;
  readonly usage: LanguageModelUsage;
  readonly response: { readonly id?: string; readonly modelId?: string };
}

/** What is recorded of one call of a model. */
export type ModelRecord = Omit<ModelCall, 'promptDigest' | 'toolsShown' | 'contracts' | 'durationMs' | 'attempts'>;

export function namesOf(model: LanguageModel): { readonly name: string; readonly provider: string } {
  return typeof model === 'string' ? { name: model, provider: 'gateway' } : { name: model.modelId, provider: model.provider };
}

/** What is recorded of a model's call, so that it can be asked about at the provider and paid for. */
export function recordOf(asked: NamedModel, { finishReason, usage, response }: Told, prices: PriceList | undefined, parameters: ModelParameters | undefined): ModelRecord {
  const cachedInputTokens = counted(usage.inputTokenDetails.cacheReadTokens);
  const reasoningTokens = counted(usage.outputTokenDetails.reasoningTokens);
  const text = (of: string | undefined): string | undefined => (of === undefined || of === '' ? undefined : of.slice(0, LONGEST_NAME));
  const responseModel = text(response.modelId);
  // The SDK makes up an id where a provider tells none, and nobody there would know it.
  const requestId = response.id?.startsWith(MADE_UP) === true ? undefined : text(response.id);
  return {
    ...namesOf(asked.model), finishReason, inputTokens: counted(usage.inputTokens) ?? 0, outputTokens: counted(usage.outputTokens) ?? 0,
    ...(responseModel === undefined ? {} : { responseModel }), ...(requestId === undefined ? {} : { requestId }), ...(parameters === undefined ? {} : { parameters }),
    ...(cachedInputTokens ? { cachedInputTokens } : {}), ...(reasoningTokens ? { reasoningTokens } : {}), ...costing(prices, asked.name, usage),
  };
}

/** A provider's number of tokens; undefined where it tells none, or something that is no number of tokens. */
function counted(tokens: number | undefined): number | undefined {
  return Number.isSafeInteger(tokens) && (tokens ?? 0) >= 0 ? tokens : undefined;
}

/** What the call cost, by the name that the agent uses; nothing is said where no price is known, or the provider does not tell what was used. */
function costing(prices: PriceList | undefined, model: string, { inputTokens, outputTokens, inputTokenDetails: { cacheReadTokens, cacheWriteTokens } }: LanguageModelUsage): { readonly cost?: Cost } {
  const [input, output] = [counted(inputTokens), counted(outputTokens)];
  if (input === undefined || output === undefined) return {};
  const cachedInput = Math.min(counted(cacheReadTokens) ?? 0, input);
  const cost = costOf(prices, model, { input, cachedInput, cacheWrite: Math.min(counted(cacheWriteTokens) ?? 0, input - cachedInput), output });
  return cost === undefined ? {} : { cost };
}

/**
 * The tries as they are recorded, where there is more to tell than that the first one answered. What the taken answer used is said beside
 * them; what the others used is paid for too, and would be forgotten.
 */
export function attemptsOf<T extends Answered & { readonly record: ModelRecord }>(tries: readonly Try<T, Pick<NamedModel, 'name'>>[], taken: T): { readonly attempts?: ModelAttempt[] } {
  if (tries.length === 1 && taken.unusable === undefined) return {};
  return { attempts: tries.slice(-MOST_ATTEMPTS).map((one) => ({ ...attemptOf(one), ...(one.answer === undefined || one.answer === taken ? {} : { usage: usageOf(one.answer.record) }) })) };
}

export function attemptOf({ by, outcome, durationMs }: Try<unknown, Pick<NamedModel, 'name'>>): ModelAttempt {
  return { model: by.name.slice(0, LONGEST_NAME), outcome, durationMs };
}

function usageOf({ inputTokens, outputTokens, cost }: ModelRecord): ModelAttempt['usage'] {
  return { inputTokens, outputTokens, ...(cost === undefined ? {} : { cost }) };
}

interface Shown {
  readonly instructions: SystemModelMessage | string;
  readonly messages: ModelMessage[];
  readonly providerOptions?: { readonly openai: { readonly promptCacheKey: string } };
}

/**
 * The prompt with what a provider wants to be told in order to keep its beginning: Anthropic marks up to where it is to be kept
 * (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching), OpenAI takes a key by which requests are brought to the same cache; others keep by themselves or not at all.
 */
export function cached(provider: string, { system, messages: kept, reminder }: Pick<Prompt, 'system' | 'messages' | 'reminder'>, runId: string): Shown {
  const messages = reminder === undefined ? kept : [...kept, reminder];
  if (provider.startsWith('openai.')) return { instructions: system, messages, providerOptions: { openai: { promptCacheKey: runId } } };
  if (!provider.startsWith('anthropic.')) return { instructions: system, messages };
  const mark = { anthropic: { cacheControl: { type: 'ephemeral' } } } as const;
  return { instructions: { role: 'system', content: system, providerOptions: mark }, messages: messages.map((message, at) => (at === kept.length - 1 ? { ...message, providerOptions: mark } : message)) };
}
