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

/** What a model answered. One that cannot be used says why: another try may bring a better one, and if none does it is better than nothing. */
export interface Answered {
  readonly text: string;
  readonly unusable?: HoldfastError;
}

/** One try, with its answer where there was one. */
export type Try<T> = Pick<ModelAttempt, 'outcome' | 'durationMs'> & { readonly by: NamedModel; readonly answer?: T };

export interface Asked<T> {
  readonly answer: T;
  readonly by: NamedModel;
  /** Every try, in order. */
  readonly tries: readonly Try<T>[];
}

/**
 * Asks the models in turn until one answers. What may pass is tried once more after a pause with full jitter (M. Brooker, "Exponential
 * Backoff and Jitter", AWS Architecture Blog, 2015), or the provider's own where it is short; what lasts, such as a wrong key, a
 * rejected prompt or a long pause, makes the next model's turn come at once. When there is no further model, the last answer that cannot
 * be used is given back, since it is paid for and asking again and again would be too; and where there is none, the last error is thrown. It
 * may be tried again when any of them may.
 */
export async function askInTurn<T extends Answered>(models: readonly NamedModel[], ask: (by: NamedModel, signal: AbortSignal) => Promise<T>, asking: Asking): Promise<Asked<T>> {
  const tries: Try<T>[] = [];
  const errors: HoldfastError[] = [];
  for (const [at, by] of models.entries()) {
    for (let nth = 1; nth <= TRIES && !asking.stopping.aborted; nth += 1) {
      const wait = asking.pace?.reserve(by.name) ?? 0;
      const isFull = wait > asking.timeoutMs;
      const started = asking.clock();
      const note = (outcome: string, answer?: T): void => void tries.push({ by, outcome, durationMs: Math.max(0, asking.clock() - started), ...(answer === undefined ? {} : { answer }) });
      let answer: T | undefined;
      try {
        if (isFull) throw new ModelError({ code: 'model.rate-limited', message: `More is asked of the model "${by.name}" than HOLDFAST_MODEL_RATES allows.`, retryable: true, remedy: 'Wait, raise the rate, or give the agent a fallback.' }, wait);
        await asking.sleep(wait, asking.stopping);
        answer = await ask(by, AbortSignal.any([asking.stopping, AbortSignal.timeout(asking.timeoutMs)]));
        if (answer.unusable !== undefined) throw answer.unusable;
        note('answered', answer);
        return { answer, by, tries };
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        note(error.code, answer);
        errors.push(error);
        const pause = pauseAfter(error, nth, asking.chance);
        if (isFull || pause === undefined || nth === TRIES || (error.code === 'model.timeout' && at < models.length - 1)) break;
        await asking.sleep(pause, asking.stopping);
      }
    }
  }
  const last = tries.findLast(({ answer }) => answer !== undefined);
  if (last?.answer !== undefined) return { answer: last.answer, by: last.by, tries };
  throw worstOf(errors);
}

/** Undefined where asking the same model again now is of no use. */
function pauseAfter(error: HoldfastError, nth: number, chance: () => number): number | undefined {
  if (!error.retryable || error.code === 'model.timeout') return undefined;
  const asked = error instanceof ModelError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked <= LONGEST_PAUSE_MS ? asked : undefined;
  return chance() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (nth - 1));
}

/** What the caller is told: the step is tried again as soon as the first of them may be. */
function worstOf(errors: readonly HoldfastError[]): HoldfastError {
  const passing = errors.filter(({ retryable }) => retryable);
  const last = passing.at(-1) ?? errors.at(-1);
  return last ?? new ModelError({ code: 'model.timeout', message: 'No model was asked: the planner is stopping.', retryable: true, remedy: 'Another planner asks.' });
}
