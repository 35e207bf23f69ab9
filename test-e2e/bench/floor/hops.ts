import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { median } from '../suite/statistics.ts';
import { api, type BareStreams } from './bare-streams.ts';

/** Milliseconds of the bare means, medians. */
export interface HopFloor {
  /** A durable publish and its delivery to a pull consumer on another connection. */
  readonly hop: number;
  /** A durable publish until its acknowledgement. */
  readonly publish: number;
}

/** How many messages the one open request for messages asks for. */
const PULL = 10_000;

/**
 * Measures `count` durable hops, one after another, through bare clients: one publishes, another has a pull request
 * open, gets the message and acknowledges it. And, in turn with them, as many durable publishes.
 */
export async function measureHops(publisher: NatsConnection, receiver: NatsConnection, streams: BareStreams, bytes: number, count: number): Promise<HopFloor> {
  const payload = new Uint8Array(bytes).fill(97);
  const consumer = `hops-${Math.random().toString(36).slice(2, 10)}`;
  const stream = streams.streamName(0);
  await api(receiver, `CONSUMER.CREATE.${stream}.${consumer}`, { stream_name: stream, config: { durable_name: consumer, name: consumer, ack_policy: 'explicit', deliver_policy: 'new', max_ack_pending: 512 } });
  const inbox = createInbox();
  let deliver: ((at: number) => void) | undefined;
  const subscription = receiver.subscribe(inbox, { callback: (_error, message: Msg) => {
    if (message.headers?.code !== undefined && message.headers.code !== 0) return;
    deliver?.(performance.now());
    message.respond('+ACK');
  } });
  receiver.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify({ batch: PULL, expires: 120_000_000_000 }), { reply: inbox });
  await receiver.flush();
  const hops: number[] = [];
  const publishes: number[] = [];
  for (let number = 0; number < count; number += 1) {
    let started = performance.now();
    const delivered = new Promise<number>((resolve) => (deliver = resolve));
    const stored = publisher.request(streams.subject(0, `run-${number}.plan`), payload, { timeout: 10_000 });
    hops.push((await delivered) - started);
    await stored;
    started = performance.now();
    await publisher.request(streams.subject(1 % streams.count, `run-${number}.claim`), payload, { timeout: 10_000 });
    publishes.push(performance.now() - started);
  }
  subscription.unsubscribe();
  await api(receiver, `CONSUMER.DELETE.${stream}.${consumer}`);
  return { hop: median(hops), publish: median(publishes) };
}
