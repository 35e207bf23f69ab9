import { HoldfastError, canonicalJson, type EffectRecord } from '@holdfast/contracts';
import type { Clock } from '../execution/clock.js';
import type { EffectStore, StoredEffect } from './effect-store.js';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

export type DurableAnswer = { readonly status: 'stored'; readonly sequence: number } | { readonly status: 'conflict' };

/**
 * Appends until it is certain whether the record is stored. After any answer but "stored" the subject is read back:
 * when its last record is this one, and an append of it went unanswered, that append succeeded; when it is still the
 * expected one, the place is free (or an append is in flight) and the same append is tried again, which the expected sequence makes safe.
 *
 * Throws `effect.unavailable` (retryable) when that took longer than `patienceMs`. The record may then be stored later,
 * so nobody may act on the belief that it is not.
 */
export async function appendDurably(store: EffectStore, clock: Clock, patienceMs: number, subject: string, record: EffectRecord, expectedSequence: number): Promise<DurableAnswer> {
  const deadline = clock.now() + patienceMs;
  let cause: unknown;
  let unanswered = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      const answer = await store.append(subject, record, expectedSequence).catch((error: unknown) => {
        unanswered = true;
        throw error;
      });
      if (answer.status === 'stored') return answer;
      unanswered ||= answer.status === 'unknown';
      const last = await store.last(subject);
      if (unanswered && last !== undefined && canonicalJson(last.record) === canonicalJson(record)) return { status: 'stored', sequence: last.sequence };
      if ((last?.sequence ?? 0) !== expectedSequence) return { status: 'conflict' };
    } catch (error) {
      if (!isRetryable(error)) throw error;
      cause = error;
    }
    if (clock.now() + pause > deadline) throw unavailable(subject, cause);
    await clock.sleep(pause);
  }
}

/** Reads a subject's last record, trying again while the store cannot be reached, for at most `patienceMs`. */
export async function readDurably(store: EffectStore, clock: Clock, patienceMs: number, subject: string): Promise<StoredEffect | undefined> {
  const deadline = clock.now() + patienceMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await store.last(subject);
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (clock.now() + pause > deadline) throw unavailable(subject, error);
    }
    await clock.sleep(pause);
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof HoldfastError && error.retryable;
}

function unavailable(subject: string, cause: unknown): HoldfastError {
  return new HoldfastError({ code: 'effect.unavailable', message: `The ledger did not answer for "${subject}".`, retryable: true, remedy: 'Try the call again; if it lasts, check the broker and its stream EFFECTS.', cause });
}
