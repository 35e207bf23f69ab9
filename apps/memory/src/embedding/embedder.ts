/** What {@link Embedder.state} says: `idle` before the first load, `failed` until a later attempt succeeds. */
export type EmbedderState = 'idle' | 'loading' | 'ready' | 'failed';

/** Turns texts into vectors whose cosine similarity tells how near their meanings are. */
export interface Embedder {
  /** Model and version. It is stored with every passage: vectors of two models cannot be compared. */
  readonly name: string;
  /** Length of every vector. */
  readonly dimensions: number;
  readonly state: EmbedderState;
  /** Brings the model into memory; safe to call at any time, and again after a failure. */
  load(): Promise<void>;
  /**
   * One vector of Euclidean length 1 for each text, in the same order. Texts must not be empty. Loads the model when
   * that has not happened. Throws `HoldfastError` `memory.embedder-unavailable` when it cannot be loaded.
   */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
}

/** Scales a vector to Euclidean length 1. Throws `RangeError` when it has no direction (zero or not finite). */
export function normalised(vector: ArrayLike<number>): Float32Array {
  const scaled = Float32Array.from(vector);
  const length = Math.hypot(...scaled);
  if (!Number.isFinite(length) || length === 0) throw new RangeError('A vector without a direction cannot be compared.');
  return scaled.map((component) => component / length);
}
