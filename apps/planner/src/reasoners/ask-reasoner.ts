import { isUnheard, readJson, type Bus } from '@holdfast/bus';
import { HoldfastError, REASONER_SILENCE_MS, REASONER_UNHEARD_MS, reasonerAnswer, reasonerFailure, reasonerProgress, subjects, type ReasonerAnswer, type ReasonerRequest } from '@holdfast/contracts';
import type { z } from 'zod';
import { ModelError } from '../models/model-error.js';

/** No more of what a reasoner wrote is quoted where its answer is refused, in characters. */
const LONGEST_QUOTE = 500;

/** A reasoner that asks for more is asked again all the same: its word must not outlive the run. In milliseconds. */
const LONGEST_PAUSE_MS = 60_000;

export interface ReasonerMeans {
  readonly bus: Pick<Bus, 'hearOut'>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Told of what the reasoner says before it answers. */
  readonly said: (text: string) => void;
}

/**
 * Asks whichever instance of a reasoner the broker chooses. Throws a HoldfastError: `reasoner.absent`, `.silent`, `.timeout` or `.unreachable`
 * (retryable: another instance may answer), `.request-too-large` (not), `.garbled` or `.wrong-basis` (retryable) where the answer breaks the
 * contract, and `reasoner.failed` with what the reasoner itself said. Whatever it sends, no more than a few hundred characters of it are in an error.
 */
export async function askReasoner(name: string, request: ReasonerRequest, { bus, headers, signal, said }: ReasonerMeans): Promise<ReasonerAnswer> {
  const whose = `The reasoner "${name}"`;
  const garbled = (what: string): ModelError => new ModelError({ code: 'reasoner.garbled', message: `${whose} answered with ${what.slice(0, LONGEST_QUOTE)}.`, retryable: true, remedy: 'The step is tried again; if it lasts, correct the reasoner: docs/reference/reasoner.asyncapi.yaml describes its answers.' });
  const follow = <T>(schema: z.ZodType<T>, body: unknown): T => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw garbled(`something that the protocol does not know: ${parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`).join('; ')}`);
    return parsed.data;
  };
  const hear = (data: Uint8Array): ReasonerAnswer | undefined => {
    const body = readJson(data);
    if (typeof body !== 'object' || body === null) throw garbled('something that is no JSON object');
    if ('working' in body) {
      const progress = follow(reasonerProgress, body);
      if (progress.said !== undefined) said(progress.said);
      return undefined;
    }
    if ('error' in body) throw failureOf(whose, follow(reasonerFailure, body).error);
    const answer = follow(reasonerAnswer, body);
    if (answer.basis !== request.basis) throw new ModelError({ code: 'reasoner.wrong-basis', message: `${whose} answered to commit ${answer.basis}, and was asked about ${request.basis}.`, retryable: true, remedy: 'The step is tried again; if it lasts, have the reasoner repeat the basis of the request that it answers.' });
    return answer;
  };
  try {
    return await bus.hearOut(subjects.reasonerPropose(name), request, hear, { headers, signal, firstMs: REASONER_UNHEARD_MS, nextMs: REASONER_SILENCE_MS });
  } catch (error) {
    throw reasonerErrorOf(error, whose, signal);
  }
}

/** Whether there was an answer, and it cannot be used. */
export function isUnusable({ code }: ModelError): boolean {
  return code === 'reasoner.garbled' || code === 'reasoner.wrong-basis';
}

function failureOf(whose: string, { code, message, retryable, remedy, retryAfterMs }: z.infer<typeof reasonerFailure>['error']): ModelError {
  return new ModelError({ code: 'reasoner.failed', message: `${whose} gave no answer (${code}): ${message}`.slice(0, LONGEST_QUOTE), retryable, remedy: remedy ?? 'Look at the log of the reasoner.' }, retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, LONGEST_PAUSE_MS));
}

function reasonerErrorOf(error: unknown, whose: string, signal: AbortSignal): unknown {
  if (error instanceof ModelError) return error;
  const shaped = (code: string, message: string, remedy: string, retryable = true): ModelError => new ModelError({ code: `reasoner.${code}`, message: `${whose} ${message}.`, retryable, remedy });
  if (signal.aborted) return shaped('timeout', 'did not answer in time', 'Wait; if it lasts, raise HOLDFAST_MODEL_TIMEOUT_MS.');
  if (isUnheard(error)) return shaped('absent', 'is asked by nobody\'s hearing: no process answers for it', 'Start a process that serves this reasoner; the run goes on by itself.');
  if (!(error instanceof HoldfastError)) return error;
  if (error.code === 'bus.silent') return shaped('silent', 'has stopped saying that it is at work', 'The step is tried again by another instance; if it lasts, look at the log of the reasoner.');
  if (error.code === 'bus.rejected') return shaped('request-too-large', `cannot be asked: ${error.message}`, 'Lower the agent\'s contextTokens, so that the conversation is summed up earlier.', false);
  return shaped('unreachable', `could not be asked: ${error.message}`, 'Check the broker; the step is tried again.');
}
