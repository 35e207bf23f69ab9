import { createHash } from 'node:crypto';
import { ERASED, decrypt, type HeldKey, type KeyReader } from '@holdfast/data-keys';
import { HoldfastError, claimedCommit, commit as commitSchema, commitPayload, encryptedCommit, encryptedPayload, logStream, parseCommitSubject, payloadPart, type ClaimedCommit, type Commit, type Digest, type EncryptedCommit, type RecordedCommit } from '@holdfast/contracts';
import { contentPlace } from '../encryption/encrypted-form.js';
import type { CommitMessage } from '../port.js';
import { upcast, type Upcaster, type WrittenEvent } from './upcasters.js';

/** Gets a payload of `PAYLOADS`; undefined when there is none. */
export type ReadPayload = (tenant: string, digest: Digest) => Promise<Uint8Array | undefined>;

/** A commit's fields as they were written, before any upcasting: what the hash covers, and the hash. */
export type WrittenCommit = Readonly<Record<string, unknown>>;

/** A message of the log, parsed: a whole commit, one whose content has to be fetched, or one whose content is encrypted. */
export type Written = { readonly whole: WrittenCommit } | { readonly claimed: ClaimedCommit } | { readonly encrypted: EncryptedCommit };

/** What was written of commits that were upcast on reading; everything else is what it was. */
const writtenForms = new WeakMap<Commit, WrittenCommit>();

/** The fields that a decoded commit's hash covers, and the hash. */
export function writtenOf(commit: Commit): WrittenCommit {
  return writtenForms.get(commit) ?? commit;
}

/** Where a message is, for people: stream, sequence and subject, which names the run. */
export function placeOf({ subject, sequence }: Pick<CommitMessage, 'subject' | 'sequence'>): string {
  const partition = parseCommitSubject(subject)?.partition;
  return `${partition === undefined ? 'an unknown stream' : logStream(partition)}, sequence ${sequence} (${subject})`;
}

/**
 * Parses a stored message. Throws `log.corrupt` when it is no commit, and `log.format-unknown` when a later release wrote
 * it; both name the place.
 */
export function parseWritten(data: Uint8Array | string, place: string): Written {
  let value: unknown;
  try {
    value = JSON.parse(typeof data === 'string' ? data : textOf(data));
  } catch (cause) {
    throw corrupt(place, 'it is not JSON', cause);
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (format === 1) return { whole: value as WrittenCommit };
  if (format === 2 || format === 3) {
    const parsed = claimedCommit.safeParse(value);
    if (!parsed.success) throw corrupt(place, parsed.error.message);
    return { claimed: parsed.data };
  }
  if (format === 4) {
    const parsed = encryptedCommit.safeParse(value);
    if (!parsed.success) throw corrupt(place, parsed.error.message);
    return { encrypted: parsed.data };
  }
  if (typeof format !== 'number') throw corrupt(place, 'it names no format');
  throw new HoldfastError({ code: 'log.format-unknown', message: `The commit at ${place} has format ${format}; this release reads up to 4.`, retryable: false, remedy: 'Upgrade this service before it works on the run again; other runs are not affected.' });
}

/**
 * All fields of a commit that its hash covers, as they were written, with the content of a claim-checked one; of an encrypted one without
 * its content, which is there and is what the hash says, also when nobody can read it any more. Throws `log.payload-missing` or
 * `log.corrupt` (altered), which name the place.
 */
export async function wholeOf(written: Written, place: string, readPayload: ReadPayload): Promise<WrittenCommit> {
  if ('whole' in written) return written.whole;
  const messages = await Promise.all(storedUnder(written).map((digest) => readPayload(tenantOf(written), digest)));
  if ('claimed' in written) return joined(written.claimed, messages, place);
  ciphertextOf(written.encrypted, messages, place);
  return written.encrypted.commit;
}

type Elsewhere = Exclude<Written, { readonly whole: WrittenCommit }>;

function tenantOf(written: Elsewhere): string {
  return ('claimed' in written ? written.claimed : written.encrypted).commit.tenant;
}

/** The digests of the messages that hold what is not in the commit's own. */
export function storedUnder(written: Written): readonly Digest[] {
  if ('whole' in written) return [];
  if ('encrypted' in written) {
    const { data, parts = [] } = written.encrypted;
    return data === undefined ? parts : [];
  }
  const { payload } = written.claimed;
  return 'parts' in payload ? payload.parts : [payload.digest];
}

/** A claim-checked commit with its content, given the messages that hold it; see {@link wholeOf}. */
function joined(claimed: ClaimedCommit, messages: readonly (Uint8Array | undefined)[], place: string): WrittenCommit {
  const { commit, payload } = claimed;
  const data = assembled(payload, 'parts' in payload ? payload.parts : undefined, messages, place);
  const content = commitPayload.safeParse(JSON.parse(textOf(data)));
  if (!content.success || content.data.tenant !== commit.tenant || content.data.runId !== commit.runId || content.data.number !== commit.number) throw corrupt(place, `its payload ${payload.digest} belongs to another commit`);
  const { events, checkpoint } = content.data;
  return { ...commit, events, ...(checkpoint === undefined ? {} : { checkpoint }) };
}

/** The bytes that payloads hold: one of its own, or the pieces of its parts. */
function assembled({ digest, bytes }: { readonly digest: Digest; readonly bytes: number }, parts: readonly Digest[] | undefined, messages: readonly (Uint8Array | undefined)[], place: string): Uint8Array {
  const there = messages.filter((message) => message !== undefined);
  if (there.length < messages.length) {
    throw new HoldfastError({ code: 'log.payload-missing', message: `The content of the commit at ${place} (payload ${digest}, ${bytes} bytes) is missing.`, retryable: false, remedy: 'Quarantine the run and restore the payload from a backup of stream PAYLOADS; other runs are not affected.' });
  }
  const altered = (): HoldfastError => corrupt(place, `its payload ${digest} was altered`);
  if (parts?.some((part, index) => part !== digestOf(there[index])) === true) throw altered();
  const data = parts === undefined ? there[0] : Buffer.concat(there.map((part) => Buffer.from(payloadPart.parse(JSON.parse(textOf(part))).data, 'base64')));
  if (data === undefined || data.byteLength !== bytes || digestOf(data) !== digest) throw altered();
  return data;
}

/** An encrypted commit's ciphertext, wherever it is stored. */
function ciphertextOf({ commit: { encryption }, data, parts = [] }: EncryptedCommit, messages: readonly (Uint8Array | undefined)[], place: string): Uint8Array {
  return data === undefined ? assembled(encryption, parts, messages, place) : assembled(encryption, undefined, [Buffer.from(data, 'base64')], place);
}

/** The fields of an encrypted commit with what it says; without a key, with the word that it is erased. Throws `log.corrupt` where the key does not fit. */
function opened({ commit }: EncryptedCommit, ciphertext: Uint8Array, key: HeldKey, place: string): WrittenCommit {
  const { encryption: { key: { dataSubject }, types } } = commit;
  if (key === ERASED) return { ...commit, events: [{ type: 'content-erased', dataSubject, types }] };
  const text = decrypt(key, ciphertext, contentPlace(commit));
  if (text === undefined) throw corrupt(place, 'its content was not encrypted for this place by its key');
  const content = encryptedPayload.safeParse(JSON.parse(textOf(text)));
  if (!content.success) throw corrupt(place, content.error.message);
  const { events, checkpoint } = content.data;
  return { ...commit, events, ...(checkpoint === undefined ? {} : { checkpoint }) };
}

/** Brings what was written to this release's form and checks it. Throws `log.corrupt` or `log.event-unknown`. */
export function upcastCommit(written: WrittenCommit, place: string, upcasters?: ReadonlyMap<string, Upcaster>): Commit {
  const { events } = written;
  const present = Array.isArray(events) ? events.map((event: WrittenEvent | null) => (typeof event === 'object' && event !== null ? upcast(event, place, upcasters) : event)) : events;
  const isChanged = Array.isArray(events) && Array.isArray(present) && present.some((event, index) => event !== events[index]);
  const parsed = commitSchema.safeParse(isChanged ? { ...written, events: present } : written);
  if (!parsed.success) throw corrupt(place, parsed.error.message);
  if (isChanged) writtenForms.set(parsed.data, written);
  return parsed.data;
}

/** A commit that was stored in one piece, without its subject. Whoever has the log should use `EventLog.decode`. */
export function decodeCommit(data: Uint8Array | string, place: string): Commit {
  const written = parseWritten(data, place);
  if (!('whole' in written)) throw corrupt(place, 'its content is elsewhere or encrypted, and only the log can read it');
  return upcastCommit(written.whole, place);
}

/** The commit in a message. Throws as the functions above do, and `log.corrupt` when it stands under another's subject. */
export async function decodeMessage(message: CommitMessage, readPayload: ReadPayload, keys: KeyReader | undefined): Promise<RecordedCommit> {
  const place = placeOf(message);
  const written = parseWritten(message.data, place);
  if (!('encrypted' in written)) return placed(message, upcastCommit(await wholeOf(written, place, readPayload), place), place);
  const { commit: { tenant, encryption } } = written.encrypted;
  const [key, ...messages] = await Promise.all([keysOrThrow(keys).find(tenant, encryption.key), ...storedUnder(written).map((digest) => readPayload(tenant, digest))] as const);
  return placed(message, upcastCommit(opened(written.encrypted, ciphertextOf(written.encrypted, messages, place), key, place), place), place);
}

function keysOrThrow(keys: KeyReader | undefined): KeyReader {
  if (keys !== undefined) return keys;
  throw new HoldfastError({ code: 'data-key.master-missing', message: 'The commit is encrypted, and this reader of the log was opened without keys.', retryable: true, remedy: 'Set HOLDFAST_MASTER_KEY_FILE to the file that all services share, and start again.' });
}

/** The same without waiting, for whoever has keys and payloads at hand; undefined when the commit needs one that is not. */
export function decodeAtOnce(message: CommitMessage, keys: Pick<KeyReader, 'atHand'> | undefined, payloadAtHand: (tenant: string, digest: Digest) => Uint8Array | undefined = () => undefined): RecordedCommit | undefined {
  const place = placeOf(message);
  const written = parseWritten(message.data, place);
  if ('whole' in written) return placed(message, upcastCommit(written.whole, place), place);
  const payloads = storedUnder(written).map((digest) => payloadAtHand(tenantOf(written), digest));
  if (payloads.includes(undefined)) return undefined;
  if ('claimed' in written) return placed(message, upcastCommit(joined(written.claimed, payloads, place), place), place);
  const { commit: { tenant, encryption } } = written.encrypted;
  const key = keys?.atHand(tenant, encryption.key);
  return key === undefined ? undefined : placed(message, upcastCommit(opened(written.encrypted, ciphertextOf(written.encrypted, payloads, place), key, place), place), place);
}

function placed({ subject, sequence }: CommitMessage, commit: Commit, place: string): RecordedCommit {
  const named = parseCommitSubject(subject);
  if (named?.key.tenant !== commit.tenant || named.key.runId !== commit.runId || named.route !== commit.route) throw corrupt(place, `it is commit ${commit.number} of run ${commit.tenant}/${commit.runId} on route ${commit.route}`);
  return { commit, sequence };
}

function digestOf(data: Uint8Array | undefined): Digest | undefined {
  return data === undefined ? undefined : createHash('sha256').update(data).digest('hex');
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
}

function corrupt(place: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'log.corrupt', message: `The commit at ${place} cannot be read: ${why}.`, retryable: false, remedy: 'Quarantine the run and compare the log with a backup; other runs are not affected.', cause });
}
