import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { HoldfastError } from '@holdfast/contracts';

/** A message at its place in a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

function toStored(message: Msg): StoredMessage | undefined {
  const sequence = message.headers?.get('Nats-Sequence');
  if (!sequence) return undefined;
  return {
    subject: message.headers?.get('Nats-Subject') ?? '',
    sequence: Number(sequence),
    data: message.data,
    header: (name) => message.headers?.get(name) || undefined,
  };
}

async function directGet(connection: NatsConnection, stream: string, query: object, timeoutMs: number): Promise<StoredMessage | undefined> {
  let message: Msg;
  try {
    message = await connection.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(query), { timeout: timeoutMs });
  } catch (error) {
    throw new HoldfastError({ code: 'bus.unavailable', message: `Stream ${stream} did not answer a read.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and that the stream exists.', cause: error });
  }
  if (message.headers?.code === 404) return undefined;
  const stored = toStored(message);
  if (stored === undefined) {
    throw new HoldfastError({ code: 'bus.unavailable', message: `Stream ${stream} answered a read with status ${message.headers?.code} ${message.headers?.description}.`, retryable: true, remedy: 'Try again; if it lasts, check the broker.' });
  }
  return stored;
}

/** The last message whose subject matches `filter`, or undefined. One round trip. */
export function lastBySubject(connection: NatsConnection, stream: string, filter: string, timeoutMs = 2_000): Promise<StoredMessage | undefined> {
  return directGet(connection, stream, { last_by_subj: filter }, timeoutMs);
}

/** The message at a sequence, or undefined when there is none. One round trip. */
export function getBySequence(connection: NatsConnection, stream: string, sequence: number, timeoutMs = 2_000): Promise<StoredMessage | undefined> {
  return directGet(connection, stream, { seq: sequence }, timeoutMs);
}

/** Up to `batch` messages from `sequence` on, in order; an empty answer means that the end has been reached. */
export async function getBatch(connection: NatsConnection, stream: string, sequence: number, batch: number, filter = '>', timeoutMs = 5_000): Promise<readonly StoredMessage[]> {
  const found: StoredMessage[] = [];
  const answers = await connection.requestMany(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq: sequence, batch, next_by_subj: filter }), {
    strategy: 'sentinel', maxWait: timeoutMs, noMux: true,
  });
  let ended = false;
  for await (const message of answers) {
    const stored = toStored(message);
    if (stored !== undefined) found.push(stored);
    else ended = true;
    if (found.length >= batch) ended = true;
  }
  if (!ended && found.length === 0) {
    throw new HoldfastError({ code: 'bus.unavailable', message: `Stream ${stream} did not answer a batched read.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and that the stream exists.' });
  }
  return found;
}
