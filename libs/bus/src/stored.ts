import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { HoldfastError } from '@holdfast/contracts';
import type { Asker } from './reply-mux.js';

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

async function directGet(connection: Asker, stream: string, query: object, timeoutMs: number): Promise<StoredMessage | undefined> {
  let message: Msg;
  try {
    message = await connection.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(query), { timeoutMs });
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
export function lastBySubject(connection: Asker, stream: string, filter: string, timeoutMs = 2_000): Promise<StoredMessage | undefined> {
  return directGet(connection, stream, { last_by_subj: filter }, timeoutMs);
}

/** The message at a sequence, or undefined when there is none. One round trip. */
export function getBySequence(connection: Asker, stream: string, sequence: number, timeoutMs = 2_000): Promise<StoredMessage | undefined> {
  return directGet(connection, stream, { seq: sequence }, timeoutMs);
}

/** A page's limit in bytes: the broker's own would be what it holds back for one client, 64 MB. */
const PAGE_BYTES = 8 * 1024 * 1024;

/**
 * Up to `batch` messages from `sequence` on whose subjects match `filter`, in order. Fewer mean that the end has been
 * reached: when the broker cuts an answer short, the rest is asked for. Throws `bus.unavailable` (retryable) when an
 * answer stays away or is not complete within `timeoutMs`.
 */
export async function getBatch(connection: NatsConnection, stream: string, sequence: number, batch: number, filter = '>', timeoutMs = 5_000): Promise<readonly StoredMessage[]> {
  const found: StoredMessage[] = [];
  for (let next = sequence; ;) {
    const { messages, remaining } = await getPage(connection, stream, { seq: next, batch: batch - found.length, next_by_subj: filter, max_bytes: PAGE_BYTES }, timeoutMs);
    found.push(...messages);
    const last = messages.at(-1);
    if (last === undefined || remaining === 0 || found.length >= batch) return found;
    next = last.sequence + 1;
  }
}

/** How many messages of a stream have subjects that match `filter`. One round trip; throws `bus.unavailable` (retryable). */
export async function countMatching(connection: NatsConnection, stream: string, filter: string, timeoutMs = 2_000): Promise<number> {
  const { messages, remaining } = await getPage(connection, stream, { seq: 1, batch: 1, next_by_subj: filter }, timeoutMs);
  return messages.length + remaining;
}

/** One answer of the broker: messages, and then a status that says how many more would match. */
async function getPage(connection: NatsConnection, stream: string, query: object, timeoutMs: number): Promise<{ readonly messages: readonly StoredMessage[]; readonly remaining: number }> {
  const messages: StoredMessage[] = [];
  try {
    const answers = await connection.requestMany(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(query), { strategy: 'timer', maxWait: timeoutMs });
    for await (const message of answers) {
      const stored = toStored(message);
      if (stored !== undefined) {
        messages.push(stored);
        continue;
      }
      const code = message.headers?.code;
      // 204 ends a batch; 404 says that there is nothing at or after the sequence.
      if (code === 204 || code === 404) return { messages, remaining: Number(message.headers?.get('Nats-Num-Pending') || 0) };
      throw new Error(`status ${code} ${message.headers?.description}`);
    }
    throw new Error(`no complete answer within ${timeoutMs} ms`);
  } catch (error) {
    throw new HoldfastError({ code: 'bus.unavailable', message: `Stream ${stream} did not answer a batched read: ${error instanceof Error ? error.message : String(error)}.`, retryable: true, remedy: 'Try again; if it lasts, check the broker and that the stream exists.', cause: error });
  }
}
