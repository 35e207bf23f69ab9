import type { Bus } from '@holdfast/bus';
import { HoldfastError, PAYLOADS_STREAM, subjects, type RunKey } from '@holdfast/contracts';
import type { StoredPayload } from './claim-check.js';

const ANSWER_MS = 2_000;
const LONGEST_PAUSE_MS = 500;

/**
 * Stores a payload before the commit that refers to it. Its subject is its digest, so storing it twice changes nothing,
 * and a crash before the commit leaves an orphan that nobody refers to. Throws `log.unavailable` (retryable) after the
 * deadline and `log.refused` when the broker does not take it.
 */
export async function storePayload(publish: Bus['publish'], key: RunKey, { digest, data }: StoredPayload, deadline: number, retryDelayMs: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    let reason: string;
    try {
      const answer = await publish(subjects.payload(key.tenant, digest), data, { expected: { sequence: 0 }, timeoutMs: Math.max(1, Math.min(ANSWER_MS, deadline - Date.now())) });
      // A conflict that names a sequence says that it is there: nothing else can be under its digest.
      if (answer.status === 'stored' || (answer.status === 'conflict' && (answer.lastSequence ?? 0) > 0)) return;
      reason = answer.status === 'unknown' ? answer.reason : 'the same payload is being stored';
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      throw new HoldfastError({ code: 'log.refused', message: `The broker refused a payload of run ${key.tenant}/${key.runId}: ${error.message}`, retryable: true, remedy: error.remedy, cause: error });
    }
    const pause = Math.random() * Math.min(LONGEST_PAUSE_MS, retryDelayMs * 2 ** attempt);
    if (Date.now() + pause >= deadline) {
      throw new HoldfastError({ code: 'log.unavailable', message: `A payload of run ${key.tenant}/${key.runId} could not be stored: ${reason}.`, retryable: true, remedy: `Try again; if it lasts, check the broker and that stream ${PAYLOADS_STREAM} exists.` });
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
