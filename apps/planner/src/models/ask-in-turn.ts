import { HoldfastError, type ModelAttempt } from '@holdfast/contracts';
import type { Closures } from './closures.js';
import { ModelError } from './model-error.js';
import { MOST_ATTEMPTS, attemptOf } from './model-record.js';
import type { NamedModel } from './models.js';
import type { Pace } from './pace.js';

/** A provider is asked so often for one step before the next model is. */
const TRIES = 2;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;
/** Asked again at once, such a model would most likely cost as much time again. */
const TOO_LATE: readonly string[] = ['model.timeout', 'model.silent', 'reasoner.timeout'];

export interface Asking {
  readonly pace?: Pick<Pace, 'reserve'>;
  /** What other steps of this process were told by the models' providers. */
  readonly closures?: Closures;
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
export type Try<T, By = NamedModel> = Pick<ModelAttempt, 'outcome' | 'durationMs'> & { readonly by: By; readonly answer?: T };

export interface Asked<T, By = NamedModel> {
  readonly answer: T;
  readonly by: By;
  /** Every try, in order. */
  readonly tries: readonly Try<T, By>[];
}

/**
 * Asks the models in turn until one answers. What may pass is tried once more after a pause with full jitter (M. Brooker, "Exponential
 * Backoff and Jitter", AWS Architecture Blog, 2015), or the provider's own where it is short; what lasts, such as a wrong key, a
 * rejected prompt or a long pause, makes the next model's turn come at once. When there is no further model, the last answer that cannot
 * be used is given back, since it is paid for and asking again and again would be too; and where there is none, the last error is thrown. It
 * may be tried again when any of them may.
 */
export async function askInTurn<T extends Answered, By extends Pick<NamedModel, 'name'>>(models: readonly By[], ask: (by: By, signal: AbortSignal) => Promise<T>, asking: Asking): Promise<Asked<T, By>> {
  const tries: Try<T, By>[] = [];
  const errors: HoldfastError[] = [];
  for (const by of models) {
    for (let nth = 1; nth <= TRIES && !asking.stopping.aborted; nth += 1) {
      const started = asking.clock();
      const note = (outcome: string, answer?: T): void => void tries.push({ by, outcome, durationMs: Math.max(0, asking.clock() - started), ...(answer === undefined ? {} : { answer }) });
      let answer: T | undefined;
      try {
        await admit(by.name, asking);
        answer = await ask(by, AbortSignal.any([asking.stopping, AbortSignal.timeout(asking.timeoutMs)])).catch((error: unknown) => {
          if (error instanceof HoldfastError && !asking.stopping.aborted) asking.closures?.failed(by.name, error);
          throw error;
        });
        asking.closures?.answered(by.name);
        if (answer.unusable !== undefined) throw answer.unusable;
        note('answered', answer);
        return { answer, by, tries };
      } catch (error) {
        if (!(error instanceof HoldfastError)) throw error;
        note(error.code, answer);
        errors.push(error);
        const pause = pauseAfter(error, nth, asking.chance);
        if (pause === undefined || nth === TRIES) break;
        await asking.sleep(pause, asking.stopping);
      }
    }
  }
  const last = tries.findLast(({ answer }) => answer !== undefined);
  if (last?.answer !== undefined) return { answer: last.answer, by: last.by, tries };
  throw unanswered(errors, tries);
}

/** Waits until the model may be asked. Throws why it may not be, or not within the time of a try. */
async function admit(model: string, { closures, pace, timeoutMs, sleep, stopping }: Asking): Promise<void> {
  const closed = closures?.reasonFor(model);
  if (closed !== undefined) throw closed;
  const wait = pace?.reserve(model) ?? 0;
  if (wait > timeoutMs) throw new ModelError({ code: 'model.overbooked', message: `More is asked of the model "${model}" than HOLDFAST_MODEL_RATES allows.`, retryable: true, remedy: 'Wait, raise the rate, or give the agent a fallback.' }, wait);
  await sleep(wait, stopping);
}

/** Undefined where asking the same model again now is of no use. */
function pauseAfter(error: HoldfastError, nth: number, chance: () => number): number | undefined {
  if (!error.retryable || error.code === 'model.overbooked' || TOO_LATE.includes(error.code)) return undefined;
  const asked = error instanceof ModelError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked <= LONGEST_PAUSE_MS ? asked : undefined;
  return chance() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (nth - 1));
}

/** What the caller is told when none answered: the step is tried again as soon as the first of them may be. */
function unanswered(errors: readonly HoldfastError[], tries: readonly Try<unknown, Pick<NamedModel, 'name'>>[]): ModelError {
  const passing = errors.filter(({ retryable }) => retryable);
  const { code, message, retryable, remedy, cause } = passing.at(-1) ?? errors.at(-1) ?? { code: 'model.timeout', message: 'No model was asked: the planner is stopping.', retryable: true, remedy: 'Another planner asks.', cause: undefined };
  const pauses = passing.flatMap((error) => (error instanceof ModelError ? error.retryAfterMs ?? [] : []));
  // One that named no pause may be asked before those that did.
  const pause = pauses.length === passing.length && pauses.length > 0 ? Math.min(...pauses) : undefined;
  return new ModelError({ code, message, retryable, remedy, cause }, pause, tries.slice(-MOST_ATTEMPTS).map(attemptOf));
}
