import { HoldfastError, type ModelAttempt } from '@holdfast/contracts';
import { ModelError } from './model-error.js';
import type { NamedModel } from './models.js';
import type { Pace } from './pace.js';

/** A provider is asked so often for one step before the next model is. */
const TRIES = 2;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

export interface Asking {
  readonly pace?: Pick<Pace, 'reserve'>;
  /** Numbers from 0 to below 1. */
  readonly chance: () => number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly stopping: AbortSignal;
  /** Milliseconds that one try may take. */
  readonly timeoutMs: number;
}

export interface Asked<T> {
  readonly answer: T;
  readonly by: NamedModel;
  /** Every try, in order; the last one answered. */
  readonly attempts: readonly ModelAttempt[];
}

/**
 * Asks the models in turn until one answers. What may pass is tried once more after a pause with full jitter (M. Brooker, "Exponential
 * Backoff and Jitter", AWS Architecture Blog, 2015), or the provider's own where it is short; what lasts, such as a wrong key, a
 * rejected prompt or a long pause, makes the next model's turn come at once. Throws the last error when there is no further model; it may be
 * tried again when any of them may.
 */
export async function askInTurn<T>(models: readonly NamedModel[], ask: (by: NamedModel, signal: AbortSignal) => Promise<T>, asking: Asking): Promise<Asked<T>> {
  const attempts: ModelAttempt[] = [];
  const errors: HoldfastError[] = [];
  for (const [at, by] of models.entries()) {
    for (let tries = 1; tries <= TRIES && !asking.stopping.aborted; tries += 1) {
      const wait = asking.pace?.reserve(by.name) ?? 0;
      const isFull = wait > asking.timeoutMs;
      const started = asking.clock();
      const note = (outcome: string): void => void attempts.push({ model: by.name, outcome, durationMs: Math.max(0, asking.clock() - started) });
      try {
        if (isFull) throw new ModelError({ code: 'model.rate-limited', message: `More is asked of the model "${by.name}" than HOLDFAST_MODEL_RATES allows.`, retryable: true, remedy: 'Wait, raise the rate, or give the agent a fallback.' }, wait);
        await asking.sleep(wait, asking.stopping);
        const answer = await ask(by, AbortSignal.any([asking.stopping, AbortSignal.timeout(asking.timeoutMs)]));
        note('answered');
        return { answer, by, attempts };
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        note(error.code);
        errors.push(error);
        const pause = pauseAfter(error, tries, asking.chance);
        if (isFull || pause === undefined || tries === TRIES || (error.code === 'model.timeout' && at < models.length - 1)) break;
        await asking.sleep(pause, asking.stopping);
      }
    }
  }
  throw worstOf(errors);
}

/** Undefined where asking the same model again now is of no use. */
function pauseAfter(error: HoldfastError, tries: number, chance: () => number): number | undefined {
  if (!error.retryable || error.code === 'model.timeout') return undefined;
  const asked = error instanceof ModelError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked <= LONGEST_PAUSE_MS ? asked : undefined;
  return chance() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
}

/** What the caller is told: the step is tried again as soon as the first of them may be. */
function worstOf(errors: readonly HoldfastError[]): HoldfastError {
  const passing = errors.filter(({ retryable }) => retryable);
  const last = passing.at(-1) ?? errors.at(-1);
  return last ?? new ModelError({ code: 'model.timeout', message: 'No model was asked: the planner is stopping.', retryable: true, remedy: 'Another planner asks.' });
}
