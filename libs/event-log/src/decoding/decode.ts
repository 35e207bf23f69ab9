import { createHash } from 'node:crypto';
import { HoldfastError, claimedCommit, commit as commitSchema, commitPayload, logStream, parseCommitSubject, payloadPart, type ClaimedCommit, type Commit, type Digest, type RecordedCommit } from '@holdfast/contracts';
import type { CommitMessage } from '../port.js';
import { upcast, type Upcaster, type WrittenEvent } from './upcasters.js';

/** Gets a payload of `PAYLOADS`; undefined when there is none. */
export type ReadPayload = (tenant: string, digest: Digest) => Promise<Uint8Array | undefined>;

/** A commit's fields as they were written, before any upcasting: what the hash covers, and the hash. */
export type WrittenCommit = Readonly<Record<string, unknown>>;

/** A message of the log, parsed: a whole commit, or one whose content has to be fetched. */
export type Written = { readonly whole: WrittenCommit } | { readonly claimed: ClaimedCommit };

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
  if (typeof format !== 'number') throw corrupt(place, 'it names no format');
  throw new HoldfastError({ code: 'log.format-unknown', message: `The commit at ${place} has format ${format}; this release reads up to 3.`, retryable: false, remedy: 'Upgrade this service before it works on the run again; other runs are not affected.' });
}

/**
 * All fields of a commit as they were written, with the content of a claim-checked one. Throws `log.payload-missing` or
 * `log.corrupt` (altered), which name the place.
 */
export async function wholeOf(written: Written, place: string, readPayload: ReadPayload): Promise<WrittenCommit> {
  if ('whole' in written) return written.whole;
  const { tenant } = written.claimed.commit;
  return joined(written.claimed, await Promise.all(storedUnder(written.claimed).map((digest) => readPayload(tenant, digest))), place);
}

/** The digests of the messages that hold a claim-checked commit's content. */
function storedUnder({ payload }: ClaimedCommit): readonly Digest[] {
  return 'parts' in payload ? payload.parts : [payload.digest];
}

/** A claim-checked commit with its content, given the messages that hold it; see {@link wholeOf}. */
function joined(claimed: ClaimedCommit, messages: readonly (Uint8Array | undefined)[], place: string): WrittenCommit {
  const { commit, payload } = claimed;
  const there = messages.filter((message) => message !== undefined);
  if (there.length < messages.length) {
    throw new HoldfastError({ code: 'log.payload-missing', message: `The content of the commit at ${place} (payload ${payload.digest}, ${payload.bytes} bytes) is missing.`, retryable: false, remedy: 'Quarantine the run and restore the payload from a backup of stream PAYLOADS; other runs are not affected.' });
  }
  const altered = (): HoldfastError => corrupt(place, `its payload ${payload.digest} was altered`);
  if (storedUnder(claimed).some((digest, index) => digest !== digestOf(there[index]))) throw altered();
  const data = 'parts' in payload ? Buffer.concat(there.map((part) => Buffer.from(payloadPart.parse(JSON.parse(textOf(part))).data, 'base64'))) : there[0];
  if (data === undefined || data.byteLength !== payload.bytes || digestOf(data) !== payload.digest) throw altered();
  const content = commitPayload.safeParse(JSON.parse(textOf(data)));
  if (!content.success || content.data.tenant !== commit.tenant || content.data.runId !== commit.runId || content.data.number !== commit.number) throw corrupt(place, `its payload ${payload.digest} belongs to another commit`);
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
  if ('claimed' in written) throw corrupt(place, 'its content is elsewhere, and only the log can fetch it');
  return upcastCommit(written.whole, place);
}

/** The commit in a message. Throws as the functions above do, and `log.corrupt` when it stands under another's subject. */
export async function decodeMessage(message: CommitMessage, readPayload: ReadPayload): Promise<RecordedCommit> {
  const place = placeOf(message);
  return placed(message, upcastCommit(await wholeOf(parseWritten(message.data, place), place, readPayload), place), place);
}

/** The same without waiting, for whoever has the payloads at hand; undefined when the commit needs one that is not. */
export function decodeAtOnce(message: CommitMessage, payloadAtHand: (tenant: string, digest: Digest) => Uint8Array | undefined = () => undefined): RecordedCommit | undefined {
  const place = placeOf(message);
  const written = parseWritten(message.data, place);
  if ('whole' in written) return placed(message, upcastCommit(written.whole, place), place);
  const { tenant } = written.claimed.commit;
  const payloads = storedUnder(written.claimed).map((digest) => payloadAtHand(tenant, digest));
  return payloads.includes(undefined) ? undefined : placed(message, upcastCommit(joined(written.claimed, payloads, place), place), place);
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
