import type { LanguageModel, LanguageModelUsage, ModelMessage, SystemModelMessage } from 'ai';
import type { Cost, ModelParameters, Proposal } from '@holdfast/contracts';
import { costOf, type PriceList } from './prices.js';

/** A proposal keeps no more of a provider's names and ids. */
export const LONGEST_NAME = 200;

/** What a provider tells of its answer. */
interface Answered {
  readonly finishReason: string;
  readonly usage: LanguageModelUsage;
  readonly response: { readonly id?: string; readonly modelId?: string };
}

type Told = Omit<Proposal['model'], 'promptDigest' | 'toolsShown' | 'durationMs' | 'cost' | 'attempts'>;

export function namesOf(model: LanguageModel): { readonly name: string; readonly provider: string } {
  return typeof model === 'string' ? { name: model, provider: 'gateway' } : { name: model.modelId, provider: model.provider };
}

/** What is recorded of a model's call, so that it can be asked about at the provider and paid for. */
export function recordOf(name: string, provider: string, { finishReason, usage, response }: Answered, parameters: ModelParameters | undefined): Told {
  const { cacheReadTokens } = usage.inputTokenDetails;
  const { reasoningTokens } = usage.outputTokenDetails;
  const text = (of: string | undefined): string | undefined => (of === undefined || of === '' ? undefined : of.slice(0, LONGEST_NAME));
  const [responseModel, requestId] = [text(response.modelId), text(response.id)];
  return {
    name, provider, finishReason, inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0,
    ...(responseModel === undefined ? {} : { responseModel }), ...(requestId === undefined ? {} : { requestId }), ...(parameters === undefined ? {} : { parameters }),
    ...(cacheReadTokens ? { cachedInputTokens: cacheReadTokens } : {}), ...(reasoningTokens ? { reasoningTokens } : {}),
  };
}

/** What the call cost, by the name that the agent uses; nothing is said where no price is known. */
export function costing(prices: PriceList | undefined, model: string, { inputTokens, outputTokens, cachedInputTokens = 0 }: Told): { readonly cost?: Cost } {
  const cost = costOf(prices, model, { input: inputTokens, cachedInput: Math.min(cachedInputTokens, inputTokens), output: outputTokens });
  return cost === undefined ? {} : { cost };
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
export function cached(provider: string, system: string, { conversation, runId }: { readonly conversation: { readonly messages: ModelMessage[] }; readonly runId: string }): Shown {
  const { messages } = conversation;
  if (provider.startsWith('openai.')) return { instructions: system, messages, providerOptions: { openai: { promptCacheKey: runId } } };
  if (!provider.startsWith('anthropic.')) return { instructions: system, messages };
  const kept = { anthropic: { cacheControl: { type: 'ephemeral' } } } as const;
  const last = messages.at(-1);
  return { instructions: { role: 'system', content: system, providerOptions: kept }, messages: last === undefined ? messages : [...messages.slice(0, -1), { ...last, providerOptions: kept }] };
}
