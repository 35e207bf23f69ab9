import type { KeyObject } from 'node:crypto';
import { encrypt } from '@holdfast/data-keys';
import { HoldfastError, type Commit, type DataKeyName, type EncryptedCommit, type RunKey } from '@holdfast/contracts';
import { digestOf, divided, roomIn, tooLarge, type StoredForm } from '../claims/claim-check.js';
import type { AppendableDraft } from '../port.js';

/** What is stored in the place of a commit's content, and what is told of it. */
export interface EncryptedContent {
  readonly encryption: NonNullable<Commit['encryption']>;
  readonly data: Buffer;
}

/** No part is larger, in bytes, however much the broker takes. */
const LARGEST_PART = 1_048_576;

/** Where a ciphertext belongs: it can be read nowhere else. */
export function contentPlace({ tenant, runId, number }: RunKey & { readonly number: number }): string {
  return `${tenant}/${runId}/${number}`;
}

/** Encrypts what a draft says, for this place in its run. The nonce is fresh, so the same draft never looks the same twice. */
export function encryptContent(name: DataKeyName, key: KeyObject, place: RunKey & { readonly number: number }, { events, checkpoint }: AppendableDraft): EncryptedContent {
  const data = encrypt(key, Buffer.from(JSON.stringify({ events, checkpoint })), contentPlace(place));
  return { data, encryption: { key: name, digest: digestOf(data), bytes: data.byteLength, types: events.map(({ type }) => type), ...(checkpoint === undefined ? {} : { checkpoint: true }) } };
}

/**
 * How an encrypted commit is stored: beside its outline, or in payloads where it is larger than `limit` or a message can carry; these name their
 * commit, which a ciphertext cannot. Throws
 * `log.commit-too-large` (not retryable).
 */
export function encryptedForm({ events: _events, checkpoint: _checkpoint, ...outline }: Commit, { encryption, data }: EncryptedContent, limit: number, maximumPayload: number): StoredForm {
  const commit: EncryptedCommit['commit'] = { ...outline, encryption };
  const written = (form: Partial<EncryptedCommit>): string => JSON.stringify({ format: 4, commit, ...form } satisfies EncryptedCommit);
  const room = Math.min(roomIn(maximumPayload), LARGEST_PART);
  const whole = written({ data: data.toString('base64') });
  if (whole.length <= Math.min(limit, room)) return { message: whole, payloads: [] };
  const payloads = divided(outline, data, room);
  const message = written({ parts: payloads.map(({ digest }) => digest) });
  if (payloads.length === 0 || message.length > room) throw tooLarge(outline, data.byteLength, maximumPayload);
  return { message, payloads };
}

/** What a run about a data subject may never be written without. */
export function keyRequired({ tenant, runId }: RunKey): HoldfastError {
  return new HoldfastError({ code: 'log.key-required', message: `The run ${tenant}/${runId} is about a data subject, and no data key was given for it.`, retryable: false, remedy: 'Begin runs about data subjects with a key of DataKeys.begin.' });
}

/** The run's key is gone: nothing can be added to it, and whoever reads it again finds that it has ended. */
export function contentErasedError({ tenant, runId }: RunKey): HoldfastError {
  return new HoldfastError({ code: 'log.content-erased', message: `What the run ${tenant}/${runId} says is erased, and nothing can be added to it.`, retryable: false, remedy: 'Read the run again; it has ended.' });
}
