import type { EmbeddingModel } from 'ai';
import { HoldfastError } from '@holdfast/contracts';
import type { Embedder } from './embedder.js';
import { ProviderEmbedder } from './provider-embedder.js';
import { SentenceEncoder } from './sentence-encoder.js';

export interface EmbedderChoice {
  /** `offline`, `<provider>/<model>` of the AI SDK, or `compatible/<model>` of a server that speaks like OpenAI. */
  readonly name: string;
  /** The address of a compatible server. */
  readonly url?: string | undefined;
  /** Its key, or the provider's where that does not read its own variable. */
  readonly key?: string | undefined;
  /** Length of the vectors; needed for all but `offline`. */
  readonly dimensions?: number | undefined;
}

/** What is used of a provider's package. */
type Factory = (settings: { readonly apiKey?: string }) => { embeddingModel(model: string): EmbeddingModel };

/** Providers of the AI SDK that embed, by the names of their packages' factories. */
const FACTORIES: Readonly<Record<string, string>> = {
  openai: 'createOpenAI', google: 'createGoogleGenerativeAI', mistral: 'createMistral', cohere: 'createCohere', togetherai: 'createTogetherAI', fireworks: 'createFireworks', azure: 'createAzure', 'amazon-bedrock': 'createAmazonBedrock',
};

/** The embedder that a deployment has chosen. Throws `settings.invalid` for a choice that cannot be one. */
export function embedderOf({ name, url, key, dimensions }: EmbedderChoice): Embedder {
  if (name === 'offline') return new SentenceEncoder();
  const [, provider = '', model = ''] = /^([a-z0-9-]+)\/(.+)$/.exec(name) ?? [];
  if (dimensions === undefined) throw invalid('HOLDFAST_EMBEDDER_DIMENSIONS is not set.', 'Set it to the length of the vectors that the model gives.');
  if (provider === 'compatible') {
    if (url === undefined) throw invalid('HOLDFAST_EMBEDDER_URL is not set.', 'Set it to the address of the server, such as http://127.0.0.1:11434/v1.');
    return new ProviderEmbedder({ model: name, dimensions, load: async () => {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      return createOpenAICompatible({ name: 'compatible', baseURL: url, ...(key === undefined ? {} : { apiKey: key }) }).embeddingModel(model);
    } });
  }
  const factory = FACTORIES[provider];
  if (factory === undefined) throw invalid(`HOLDFAST_EMBEDDER is "${name}", which names no embedder.`, `Set it to "offline", to "compatible/<model>", or to a model of ${Object.keys(FACTORIES).join(', ')}.`);
  return new ProviderEmbedder({ model: name, dimensions, load: async () => (await loaded(provider, factory))(key === undefined ? {} : { apiKey: key }).embeddingModel(model) });
}

async function loaded(provider: string, factory: string): Promise<Factory> {
  const wanted = `@ai-sdk/${provider}`;
  try {
    const make = ((await import(wanted)) as Readonly<Record<string, unknown>>)[factory];
    if (typeof make === 'function') return make as Factory;
    throw new TypeError(`it has no ${factory}`);
  } catch (cause) {
    throw invalid(`The provider "${provider}" cannot be loaded: ${cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)}.`, `Install ${wanted} beside Holdfast, in the version that fits its AI SDK.`, cause);
  }
}

function invalid(message: string, remedy: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'settings.invalid', message, retryable: false, remedy, cause });
}
