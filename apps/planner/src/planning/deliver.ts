import { createHash } from 'node:crypto';
import type { Bus, WorkResult } from '@holdfast/bus';
import { HoldfastError, answerPatience, canonicalJson, factAnswer, proposalTooLarge, subjects, type FactAnswer, type FactOf, type Proposal, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { injectContext, type Logger } from '@holdfast/observability';
import type { RecordedAnswers } from '../answers/recorded-answers.js';

/** Where a run's facts go. */
export interface Place {
  readonly partition: number;
  readonly key: RunKey;
}

export interface DeliveryMeans {
  readonly bus: Pick<Bus, 'request'>;
  readonly answers: Pick<RecordedAnswers, 'record'>;
  /** What the proposal became in the log, where the orchestrator says so. */
  readonly runs: { take(key: RunKey, commits: readonly RecordedCommit[]): unknown };
  readonly logger: Logger;
}

/** A partition changes hands within half a second, and the proposal should not be late for its heir. */
const LONGEST_PAUSE_MS = 250;
/**
 * An orchestrator that has the proposal commits it in a few milliseconds, also when this planner dies meanwhile. One that has
 * said nothing for so long, in milliseconds, may not have it, and then only the record keeps the next planner from paying again.
 */
const UNCONFIRMED_MS = 250;

/**
 * Sends the proposal until the orchestrator says what became of it, and records it when that takes long; a model's answer is
 * too dear to be thrown away. One that no message can carry is sent without its content, so that the log says why and the
 * model can do better. Throws when the orchestrator finds the fact itself at fault: sent again it would be refused again, for ever.
 */
export async function deliver(means: DeliveryMeans, { partition, key }: Place, whole: Proposal, stopping: AbortSignal): Promise<WorkResult> {
  const record = recorderOf(means, key);
  let proposal = whole;
  const unconfirmed = setTimeout(() => void record(proposal), UNCONFIRMED_MS);
  const headers: Record<string, string> = {};
  injectContext({ set: (name, value) => { headers[name] = value; } });
  try {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await means.bus.request(subjects.fact(partition, key, 'plan'), factOf(proposal), factAnswer, { headers, timeoutMs: answerPatience(attempt + 1) }).catch((error: unknown): FactAnswer => {
        if (isUnsendable(error) && proposal === whole) proposal = proposalTooLarge(whole, error.message);
        else if (error instanceof HoldfastError && !error.retryable) throw error;
        return { status: 'unavailable', reason: String(error) };
      });
      if (answer.status === 'committed') means.runs.take(key, answer.commits ?? []);
      if (answer.status !== 'unavailable') return 'done';
      const recording = record(proposal);
      if (stopping.aborted) {
        await recording;
        return { againAfterMs: 0 };
      }
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_PAUSE_MS, 50 * 2 ** attempt)));
    }
  } finally {
    clearTimeout(unconfirmed);
  }
}

/** Records an answer once, however often it is told to; after a failure that may pass, again when it is told again. Never rejects: without a record, the worst is a second bill. */
function recorderOf({ answers, logger }: DeliveryMeans, key: RunKey): (proposal: Proposal) => Promise<void> {
  let recording: Promise<void> | undefined;
  return (proposal) => {
    recording ??= answers.record(key, proposal).catch((error: unknown) => {
      if (!(error instanceof HoldfastError) || error.retryable) recording = undefined;
      logger.warn({ err: error, tenant: key.tenant, run_id: key.runId, basis: proposal.basis }, 'an answer could not be recorded');
    });
    return recording;
  };
}

/** The id comes from the content: sent again it is the same fact, and a second planner's answer is another. */
function factOf(proposal: Proposal): FactOf<'plan'> {
  return { kind: 'plan', proposal, id: `plan:${proposal.basis}:${createHash('sha256').update(canonicalJson(proposal)).digest('hex').slice(0, 16)}` };
}

function isUnsendable(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && error.code === 'bus.rejected';
}
