import { HoldfastError } from '@holdfast/contracts';
import { ModelError } from './model-error.js';

/** How long a provider that limits its rate without saying for how long, and one that refuses the key, are left alone, in milliseconds. */
const UNTOLD_MS = 1_000;
const REFUSED_MS = 30_000;
/** When a model may be asked again one step looks first, and the others wait so long for what it finds. */
const PROBE_MS = 1_000;

/**
 * Models that this process is not to ask for a while, since a provider asked for a pause or refused the key: what one step was told holds
 * for all of them, and none has to find out again by itself. A process has one key for a provider, so a model's name stands for
 * both; other models of the provider are still asked, since limits and permissions are mostly a model's own.
 */
export class Closures {
  private readonly closed = new Map<string, { readonly error: HoldfastError; until: number }>();

  /** `monotonic` answers milliseconds from any origin. */
  constructor(private readonly monotonic: () => number) {}

  /** Why a model is not to be asked now; undefined where it may be. */
  reasonFor(model: string): ModelError | undefined {
    const closure = this.closed.get(model);
    if (closure === undefined) return undefined;
    const left = closure.until - this.monotonic();
    if (left <= 0) {
      closure.until = this.monotonic() + PROBE_MS;
      return undefined;
    }
    const { code, message, retryable, remedy } = closure.error;
    return new ModelError({ code, message, retryable, remedy }, retryable ? left : undefined);
  }

  /** A model was asked and failed so. */
  failed(model: string, error: HoldfastError): void {
    const told = error instanceof ModelError ? error.retryAfterMs : undefined;
    const pause = told ?? { 'model.rate-limited': UNTOLD_MS, 'model.refused': REFUSED_MS }[error.code];
    if (pause === undefined) return this.answered(model);
    this.closed.set(model, { error, until: this.monotonic() + pause });
  }

  /** A model was asked and answered, whatever it said. */
  answered(model: string): void {
    this.closed.delete(model);
  }
}
