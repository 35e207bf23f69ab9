import { HoldfastError } from '@holdfast/contracts';
import type { EmbedderState } from './embedder.js';

/** A model that is loaded when it is first needed: once for all who ask meanwhile, and again after a failure. */
export class LazyModel<Model> {
  #state: EmbedderState = 'idle';
  #model: Promise<Model> | undefined;

  /** `failure` tells those who wait of a load that failed otherwise than by a `HoldfastError`. */
  constructor(private readonly load: () => Promise<Model>, private readonly failure: (cause: unknown) => HoldfastError) {}

  get state(): EmbedderState {
    return this.#state;
  }

  get(): Promise<Model> {
    this.#model ??= this.#attempt();
    return this.#model;
  }

  async #attempt(): Promise<Model> {
    this.#state = 'loading';
    try {
      const model = await this.load();
      this.#state = 'ready';
      return model;
    } catch (cause) {
      this.#state = 'failed';
      this.#model = undefined;
      throw cause instanceof HoldfastError ? cause : this.failure(cause);
    }
  }
}
