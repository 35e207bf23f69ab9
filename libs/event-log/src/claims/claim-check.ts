import { createHash } from 'node:crypto';
import { HoldfastError, MAXIMUM_PARTS, type ClaimedCommit, type Commit, type CommitPayload, type Digest, type PayloadPart } from '@holdfast/contracts';

/** A message of `PAYLOADS`: its subject follows from its digest. */
export interface StoredPayload {
  readonly digest: Digest;
  readonly data: Uint8Array;
}

/** A commit's form for the log, and what has to be stored before it: nothing, its content, or the parts of it. */
export interface StoredForm {
  readonly message: string;
  readonly payloads: readonly StoredPayload[];
}

/** Commits up to this many bytes of JSON are stored in one piece. */
export const DEFAULT_PAYLOAD_LIMIT = 256 * 1024;

/** What headers and the protocol may add to a message, in bytes. */
const ENVELOPE_BYTES = 1_024;
/** What a part says beside its piece, in bytes: its place, and JSON's own characters. */
const PLACE_BYTES = 512;

/**
 * How a commit is stored. One that is larger than `limit` leaves events and checkpoint to a payload, and to several where
 * one message cannot carry them: whatever came in one message can be committed, though its commit says it more than once.
 * Throws `log.commit-too-large` (not retryable) beyond {@link MAXIMUM_PARTS} parts of what the broker takes.
 */
export function storedForm(commit: Commit, limit: number, maximumPayload: number): StoredForm {
  const whole = JSON.stringify(commit);
  const room = roomIn(maximumPayload);
  if (Buffer.byteLength(whole) <= Math.min(limit, room)) return { message: whole, payloads: [] };
  const { events, checkpoint, ...rest } = commit;
  const content: CommitPayload = { tenant: commit.tenant, runId: commit.runId, number: commit.number, events, ...(checkpoint === undefined ? {} : { checkpoint }) };
  const data = Buffer.from(JSON.stringify(content));
  const payload = { digest: digestOf(data), bytes: data.byteLength };
  const payloads = data.byteLength <= room ? [{ digest: payload.digest, data }] : divided(commit, data, room);
  const claimed: ClaimedCommit = data.byteLength <= room ? { format: 2, commit: rest, payload } : { format: 3, commit: rest, payload: { ...payload, parts: payloads.map(({ digest }) => digest) } };
  const message = JSON.stringify(claimed);
  if (payloads.length === 0 || Buffer.byteLength(message) > room) throw tooLarge(commit, data.byteLength, maximumPayload);
  return { message, payloads };
}

/** What of a message is left for what we write, in bytes. */
export function roomIn(maximumPayload: number): number {
  return maximumPayload - ENVELOPE_BYTES;
}

/** Pieces in base64, which has a known length whatever the content is; none when there would be too many. */
export function divided({ tenant, runId, number }: Pick<Commit, 'tenant' | 'runId' | 'number'>, data: Buffer, room: number): readonly StoredPayload[] {
  const pieceBytes = Math.floor((room - PLACE_BYTES) / 4) * 3;
  if (pieceBytes <= 0 || data.byteLength > pieceBytes * MAXIMUM_PARTS) return [];
  return Array.from({ length: Math.ceil(data.byteLength / pieceBytes) }, (_, index) => {
    const piece: PayloadPart = { tenant, runId, number, part: index + 1, data: data.subarray(index * pieceBytes, (index + 1) * pieceBytes).toString('base64') };
    const message = Buffer.from(JSON.stringify(piece));
    return { digest: digestOf(message), data: message };
  });
}

export function digestOf(data: Uint8Array): Digest {
  return createHash('sha256').update(data).digest('hex');
}

export function tooLarge(commit: Pick<Commit, 'tenant' | 'runId' | 'number'>, bytes: number, maximumPayload: number): HoldfastError {
  return new HoldfastError({
    code: 'log.commit-too-large',
    message: `Commit ${commit.number} of run ${commit.tenant}/${commit.runId} has a content of ${bytes} bytes; the broker takes messages of ${maximumPayload} at most, and a content may have ${MAXIMUM_PARTS} of them.`,
    retryable: false,
    remedy: 'Let the tool or the sender give a reference instead of the content, or raise max_payload in the broker\'s configuration.',
  });
}
