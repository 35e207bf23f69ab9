import { InvalidArgumentError, InvalidSubjectError, PermissionViolationError, headers } from '@nats-io/transport-node';
import { HoldfastError } from '@holdfast/contracts';
import type { Asker } from './reply-mux.js';

export interface PublishOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The sequence that must be the last under `filter` (or the message's own subject), or nothing is stored. */
  readonly expected?: { readonly sequence: number; readonly filter?: string };
  /** The broker stores a message with this id once within its duplicate window. Never a fence, only a saving. */
  readonly messageId?: string;
  /** Milliseconds after which the broker forgets the message (NATS ADR-43), in whole seconds, rounded up; the stream must allow it. */
  readonly ttlMs?: number;
  /** Milliseconds until the acknowledgement is given up. */
  readonly timeoutMs?: number;
}

/** What the broker said of a publish. `unknown` means that it may or may not be stored: read back before deciding. */
export type PublishAnswer =
  | { readonly status: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly status: 'conflict'; readonly lastSequence?: number }
  | { readonly status: 'unknown'; readonly reason: string };

interface ServerAnswer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
}

/** JetStream's error codes: wrong last sequence, and a conflicting append that is still being replicated. */
const WRONG_LAST_SEQUENCE = 10071;
const APPEND_IN_FLIGHT = 10164;
/** An earlier copy of the same message id is still being replicated, or the queue of a stream is full: it passes. */
const ID_IN_FLIGHT = 10158;
const TOO_MANY_REQUESTS = 10167;

/**
 * Publishes one message and waits until the broker has stored it.
 * Throws `bus.rejected` (not retryable) when it is refused for another reason than the expected sequence: too large, not
 * permitted, or against the stream's rules.
 */
export async function publish(connection: Asker, subject: string, payload: Uint8Array | string, options: PublishOptions = {}): Promise<PublishAnswer> {
  const head = headers();
  for (const [name, value] of Object.entries(options.headers ?? {})) head.set(name, value);
  if (options.messageId !== undefined) head.set('Nats-Msg-Id', options.messageId);
  if (options.ttlMs !== undefined) head.set('Nats-TTL', `${Math.max(1, Math.ceil(options.ttlMs / 1_000))}s`);
  if (options.expected !== undefined) {
    head.set('Nats-Expected-Last-Subject-Sequence', String(options.expected.sequence));
    if (options.expected.filter !== undefined) head.set('Nats-Expected-Last-Subject-Sequence-Subject', options.expected.filter);
  }
  let answer: ServerAnswer;
  try {
    const message = await connection.request(subject, payload, { headers: head, timeoutMs: options.timeoutMs ?? 2_000 });
    answer = message.json<ServerAnswer>();
  } catch (error) {
    // Too large, no subject, not permitted: nothing was stored, and trying again would not help.
    if ([error, (error as Error).cause].some((reason) => reason instanceof InvalidArgumentError || reason instanceof InvalidSubjectError || reason instanceof PermissionViolationError)) {
      throw rejected(subject, error instanceof Error ? error.message : String(error), error);
    }
    return { status: 'unknown', reason: String(error) };
  }
  if (answer.error === undefined) return { status: 'stored', sequence: answer.seq ?? 0, duplicate: answer.duplicate ?? false };
  if (answer.error.err_code === WRONG_LAST_SEQUENCE) {
    const last = /: (\d+)$/.exec(answer.error.description)?.[1];
    return { status: 'conflict', lastSequence: last === undefined ? undefined : Number(last) };
  }
  if (answer.error.err_code === APPEND_IN_FLIGHT) return { status: 'conflict' };
  // 5xx answers (no leader, store failing, insufficient resources) pass with time; other 4xx do not.
  if (answer.error.code >= 500 || answer.error.err_code === ID_IN_FLIGHT || answer.error.err_code === TOO_MANY_REQUESTS) return { status: 'unknown', reason: answer.error.description };
  throw rejected(subject, answer.error.description);
}

/** The broker, or the client on its behalf, does not take the message. */
export function rejected(subject: string, description: string, cause?: unknown): HoldfastError {
  return new HoldfastError({ code: 'bus.rejected', message: `"${subject}" was refused: ${description}.`, retryable: false, remedy: 'Run the installer so that streams match this release, and check the role\'s permissions and the size of the message.', cause });
}
