import { createHash } from 'node:crypto';
import { HoldfastError, type ClaimedCommit, type Commit, type CommitPayload, type Digest } from '@holdfast/contracts';

/** A commit's form for the log, and the content that has to be stored before it, if there is one. */
export interface StoredForm {
  readonly message: string;
  readonly payload?: { readonly digest: Digest; readonly data: Uint8Array };
}

/** Commits up to this many bytes of JSON are stored in one piece. */
export const DEFAULT_PAYLOAD_LIMIT = 256 * 1024;

/** What headers and the protocol may add to a message, in bytes. */
const ENVELOPE_BYTES = 1_024;

/**
 * How a commit is stored. One that is larger than `limit` leaves events and checkpoint to a payload. Throws
 * `log.commit-too-large` (not retryable) when a part is larger than the broker takes.
 */
export function storedForm(commit: Commit, limit: number, maximumPayload: number): StoredForm {
  const whole = JSON.stringify(commit);
  if (Buffer.byteLength(whole) <= limit) return { message: fitting(commit, whole, maximumPayload) };
  const { events, checkpoint, ...rest } = commit;
  const content: CommitPayload = { tenant: commit.tenant, runId: commit.runId, number: commit.number, events, ...(checkpoint === undefined ? {} : { checkpoint }) };
  const data = new TextEncoder().encode(fitting(commit, JSON.stringify(content), maximumPayload));
  const digest = createHash('sha256').update(data).digest('hex');
  const claimed: ClaimedCommit = { format: 2, commit: rest, payload: { digest, bytes: data.byteLength } };
  return { message: fitting(commit, JSON.stringify(claimed), maximumPayload), payload: { digest, data } };
}

function fitting(commit: Commit, text: string, maximumPayload: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes + ENVELOPE_BYTES <= maximumPayload) return text;
  throw new HoldfastError({
    code: 'log.commit-too-large',
    message: `Commit ${commit.number} of run ${commit.tenant}/${commit.runId} is ${bytes} bytes; the broker takes ${maximumPayload} at most.`,
    retryable: false,
    remedy: 'Let the tool or the sender give a reference instead of the content, or raise max_payload in the broker\'s configuration.',
  });
}
