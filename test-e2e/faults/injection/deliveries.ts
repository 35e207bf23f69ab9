import { createRequire } from 'node:module';
import type { Orders, DeliveryFaults } from './orders.ts';

interface Message {
  readonly subject: Uint8Array;
  readonly reply?: Uint8Array;
}

interface Protocol {
  processMsg(message: Message, data: Uint8Array): void;
  publish(subject: string, payload?: Uint8Array | string, options?: { reply?: string }): void;
}

const POLL_MS = 25;
/** What services ask of each other, where the same request may come twice. */
const REPEATABLE = /^(?:fact|log|inbox|effects|tasks)\./;

/**
 * Mistreats messages inside the NATS client of the process, between its parser and its subscriptions: as a network would
 * that delays, and as senders do that never heard the answer and send again. Every service is mistreated alike.
 */
export function mistreatDeliveries(orders: Orders): void {
  const { ProtocolHandler } = createRequire(import.meta.url)('@nats-io/nats-core/internal') as { ProtocolHandler: { prototype: Protocol } };
  const { prototype } = ProtocolHandler;
  if (typeof prototype.processMsg !== 'function' || typeof prototype.publish !== 'function') throw new Error('@nats-io/nats-core has another protocol handler: correct test-e2e/faults/injection/deliveries.ts.');
  let faults: DeliveryFaults | undefined;
  setInterval(() => { faults = orders.deliveryFaults(); }, POLL_MS).unref();
  const { processMsg, publish } = prototype;
  const later = (latestMs: number, action: () => void): void => void setTimeout(action, Math.random() * latestMs);

  prototype.processMsg = function (message, data) {
    if (faults === undefined) return processMsg.call(this, message, data);
    if (isPublishAnswer(data) && Math.random() < faults.loseAcknowledgement) return undefined;
    // The parser uses its buffers again.
    const copy = { ...message, subject: Uint8Array.from(message.subject), ...(message.reply === undefined ? {} : { reply: Uint8Array.from(message.reply) }) };
    const body = Uint8Array.from(data);
    if (isWork(message.reply) && Math.random() < faults.duplicate) later(faults.latestMs, () => processMsg.call(this, copy, body));
    // Only what NATS itself may reorder: messages of one reader's answer stay in order on their connection.
    if (standsAlone(message, data) && Math.random() < faults.delay) return later(faults.latestMs, () => processMsg.call(this, copy, body));
    return processMsg.call(this, message, data);
  };
  prototype.publish = function (subject, payload, options) {
    publish.call(this, subject, payload, options);
    if (faults !== undefined && REPEATABLE.test(subject) && Math.random() < faults.duplicate) later(faults.latestMs, () => publish.call(this, subject, payload, options));
  };
}

/** Whether no order is promised between this message and others: work, requests between services, answers to publishes. */
function standsAlone(message: Message, data: Uint8Array): boolean {
  return isWork(message.reply) || isPublishAnswer(data) || /^(?:fact|policy)\./.test(Buffer.from(message.subject).toString('latin1'));
}

/** Whether this is what JetStream answers when it has stored a message: `{"stream":"…","seq":…}`. */
function isPublishAnswer(data: Uint8Array): boolean {
  return data.byteLength > 10 && data.byteLength < 200 && Buffer.from(data.buffer, data.byteOffset, 10).toString('latin1') === '{"stream":';
}

/** Whether this is a message of a durable consumer, which is to be acknowledged. */
function isWork(reply: Uint8Array | undefined): boolean {
  return reply !== undefined && Buffer.from(reply).toString('latin1').startsWith('$JS.ACK.');
}
