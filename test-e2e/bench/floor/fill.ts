import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';

export interface Filling {
  readonly subject: string;
  readonly payload: string | Uint8Array;
  readonly headers?: MsgHdrs;
}

/**
 * Publishes many messages quickly: in windows, of which only the last message is waited for. The broker drops publishes
 * without an answer silently when a stream's queue is full: the caller compares what was sent with what is stored.
 */
export async function fill(connection: NatsConnection, messages: Iterable<Filling>, window = 500): Promise<number> {
  let sent = 0;
  let pending: Filling | undefined;
  for (const message of messages) {
    if (pending !== undefined) connection.publish(pending.subject, pending.payload, pending.headers === undefined ? {} : { headers: pending.headers });
    pending = message;
    sent += 1;
    if (sent % window === 0) {
      await acknowledged(connection, pending);
      pending = undefined;
    }
  }
  if (pending !== undefined) await acknowledged(connection, pending);
  return sent;
}

async function acknowledged(connection: NatsConnection, { subject, payload, headers }: Filling): Promise<void> {
  const answer = (await connection.request(subject, payload, { timeout: 20_000, ...(headers === undefined ? {} : { headers }) })).json<{ readonly error?: { readonly description: string } }>();
  if (answer.error !== undefined) throw new Error(`"${subject}" was refused: ${answer.error.description}`);
}
