import type { LanguageModel } from 'ai';
import { HoldfastError } from '@holdfast/contracts';

/** How a provider of the AI SDK (https://ai-sdk.dev/providers) is made: its package, and what reads its key and its address. */
interface Provider {
  readonly package: string;
  readonly factory: string;
  readonly key: string;
  readonly url: string;
}

const provider = (name: string, factory: string, key = `${name.toUpperCase()}_API_KEY`, url = `${name.toUpperCase()}_BASE_URL`): Provider => ({ package: `@ai-sdk/${name}`, factory, key, url });

/** Providers by the name that comes before the slash. Those that are not installed with Holdfast are loaded where they are installed beside it. */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: provider('openai', 'createOpenAI'),
  anthropic: provider('anthropic', 'createAnthropic'),
  google: provider('google', 'createGoogleGenerativeAI', 'GOOGLE_GENERATIVE_AI_API_KEY'),
  mistral: provider('mistral', 'createMistral'),
  groq: provider('groq', 'createGroq'),
  xai: provider('xai', 'createXai'),
  deepseek: provider('deepseek', 'createDeepSeek'),
  cohere: provider('cohere', 'createCohere'),
  perplexity: provider('perplexity', 'createPerplexity'),
  cerebras: provider('cerebras', 'createCerebras'),
  togetherai: provider('togetherai', 'createTogetherAI', 'TOGETHER_API_KEY'),
  fireworks: provider('fireworks', 'createFireworks'),
};

type Factory = (settings: { readonly apiKey: string; readonly baseURL?: string }) => (model: string) => LanguageModel;

/** The provider's maker of models. Throws `model.provider-missing` where its package is not installed. */
export async function loadProvider(name: string): Promise<Factory> {
  const { package: wanted, factory } = PROVIDERS[name] ?? { package: `@ai-sdk/${name}`, factory: '' };
  try {
    const loaded = (await import(wanted)) as Readonly<Record<string, unknown>>;
    const make = loaded[factory];
    if (typeof make === 'function') return make as Factory;
    throw new TypeError(`it has no ${factory}`);
  } catch (cause) {
    throw new HoldfastError({ code: 'model.provider-missing', message: `The provider "${name}" cannot be loaded: ${cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)}.`, retryable: false, remedy: `Install ${wanted} beside Holdfast, in the version that fits its AI SDK.`, cause });
  }
}
