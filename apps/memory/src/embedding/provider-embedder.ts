import { embedMany, type EmbeddingModel } from 'ai';
import { HoldfastError } from '@holdfast/contracts';
import { normalised, type Embedder, type EmbedderState } from './embedder.js';
import { LazyModel } from './lazy-model.js';

export interface ProviderEmbedderSettings {
  /** The provider and its model, such as `openai/text-embedding-3-small`. */
  readonly model: string;
  /** Length of the model's vectors. It is part of the embedder's name: vectors of two lengths cannot be compared either. */
  readonly dimensions: number;
  readonly load: () => Promise<EmbeddingModel>;
}

/** Attempts beside the first; the AI SDK waits longer before each, and goes by the provider's `retry-after`. */
const RETRIES = 3;
/** Milliseconds for all texts of one document or query. */
const PATIENCE_MS = 30_000;

/** An embedding model of a provider of the AI SDK. What is embedded leaves the machine. */
export class ProviderEmbedder implements Embedder {
  readonly name: string;
  readonly dimensions: number;
  readonly #model: LazyModel<EmbeddingModel>;

  constructor(private readonly settings: ProviderEmbedderSettings) {
    this.name = `${settings.model}@${settings.dimensions}`;
    this.dimensions = settings.dimensions;
    this.#model = new LazyModel(() => settings.load(), (cause) => unavailable('The embedding model could not be made.', cause));
  }

  get state(): EmbedderState {
    return this.#model.state;
  }

  async load(): Promise<void> {
    await this.#model.get();
  }

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    if (texts.some((text) => text.trim() === '')) throw new RangeError('An empty text has no meaning to embed.');
    const model = await this.#model.get();
    const { embeddings } = await embedMany({ model, values: [...texts], maxRetries: RETRIES, abortSignal: AbortSignal.timeout(PATIENCE_MS) }).catch((cause: unknown) => {
      throw unavailable(`The embedding model "${this.settings.model}" did not answer: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    });
    const wrong = embeddings.find(({ length }) => length !== this.dimensions);
    if (wrong === undefined && embeddings.length === texts.length) return embeddings.map(normalised);
    throw new HoldfastError({
      code: 'memory.embedder-wrong',
      message: `The embedding model "${this.settings.model}" gave ${wrong === undefined ? `${embeddings.length} vectors for ${texts.length} texts` : `vectors of ${wrong.length}, and ${this.dimensions} dimensions are set`}.`,
      retryable: false,
      remedy: 'Set HOLDFAST_EMBEDDER_DIMENSIONS to the length of the vectors that the model gives.',
    });
  }
}

function unavailable(message: string, cause: unknown): HoldfastError {
  return new HoldfastError({ code: 'memory.embedder-unavailable', message, retryable: true, remedy: 'Check the provider\'s key, address and status; then send the same request again.', cause });
}
