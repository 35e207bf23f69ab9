import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, type ConsumerDeclaration, type Role } from '@holdfast/contracts';
import { MissingNotice } from './missing-notice.js';
import type { Reconnects } from './reconnects.js';

/** A message of a durable consumer, in the hands of a worker. */
export interface WorkMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** The sequence in the stream. */
  readonly sequence: number;
  /** How often it has been delivered, from 1; above 1 it is a takeover or a retry. */
  readonly deliveries: number;
  header(name: string): string | undefined;
}

/** What became of a message: acknowledged for good, or given back to be delivered again after a delay. */
export type WorkResult = 'done' | { readonly againAfterMs: number };

export interface WorkerOptions {
  readonly role: Role;
  readonly consumer: ConsumerDeclaration;
  /** Messages in hand at once. */
  readonly concurrency: number;
  readonly handle: (message: WorkMessage, signal: AbortSignal) => Promise<WorkResult>;
  /** Told of a handler's error; the message is given back after a second. */
  readonly onError: (error: unknown, message: WorkMessage) => void;
  /** Told once when the consumer or its stream is missing or does not answer, and again only after it has been there. */
  readonly onMissing: (description: string) => void;
  /** How long one request for messages stays open, in milliseconds; {@link PULL_EXPIRY_MS} when left out. */
  readonly pullExpiryMs?: number;
  /** Called when the worker has been stopped. */
  readonly onStopped?: () => void;
}

const PULL_EXPIRY_MS = 20_000;
const PULL_HEARTBEAT_MS = 2_000;
const RETRY_DELAY_MS = 1_000;
const RENEW_DELAY_MS = 250;
const TAKEN_IN_MS = 500;

/**
 * Pulls a durable consumer's messages and handles them, several at once. While a handler runs, the worker tells the
 * broker so at a third of the acknowledgement wait; a killed worker falls silent and its messages go to another.
 *
 * It pulls by hand, not through the JetStream client, because a role may reach nothing but the consumer's next-message
 * and acknowledgement subjects. A reconnect or a missed heartbeat opens a new request under a new inbox: nobody listens
 * to the old one any more, so an old request that is still alive cannot bring more than the concurrency.
 */
export class Worker {
  /** Messages in hand, by sequence. */
  private readonly inFlight = new Map<number, Msg>();
  /** Tells the broker of all of them at once: a timer for each would cost more than most of them. */
  private heartbeat: NodeJS.Timeout | undefined;
  private readonly stopping = new AbortController();
  private readonly missing: MissingNotice;
  private subscription: Subscription | undefined;
  /** Messages asked for under the present inbox that have not come. */
  private requested = 0;
  private lastHeard = Date.now();
  private watch: NodeJS.Timeout | undefined;
  private renewal: NodeJS.Timeout | undefined;
  private forgetReconnects: (() => void) | undefined;

  constructor(private readonly connection: NatsConnection, private readonly reconnects: Reconnects, private readonly options: WorkerOptions) {
    this.missing = new MissingNotice(options.onMissing);
  }

  start(): void {
    this.forgetReconnects = this.reconnects.add(() => this.renew());
    this.watch = setInterval(() => this.renewIfSilent(), PULL_HEARTBEAT_MS);
    this.heartbeat = setInterval(() => this.keepInHand(), Math.ceil(this.options.consumer.ackWaitMs / 3));
    this.renew();
  }

  /**
   * Takes no more messages and waits until those in hand are finished, at most `graceMs`. What is still in hand then is
   * left to another worker.
   */
  async stop(graceMs = 5_000): Promise<void> {
    this.stopping.abort();
    clearInterval(this.watch);
    clearTimeout(this.renewal);
    this.forgetReconnects?.();
    let retired = false;
    void this.retire().then(() => { retired = true; });
    const deadline = Date.now() + graceMs;
    while ((this.inFlight.size > 0 || !retired) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    clearInterval(this.heartbeat);
    this.options.onStopped?.();
  }

  private keepInHand(): void {
    for (const message of this.inFlight.values()) message.respond('+WPI');
  }

  private get mayPull(): boolean {
    return !this.stopping.signal.aborted && this.reconnects.isUp && !this.connection.isClosed() && !this.connection.isDraining();
  }

  private renewIfSilent(): void {
    if (!this.mayPull || this.requested === 0 || Date.now() - this.lastHeard <= 3 * PULL_HEARTBEAT_MS) return;
    this.missing.suspect('The broker does not answer requests for messages');
    this.renew();
  }

  /** Takes back everything that was asked for and asks again, under a new inbox. */
  private renew(): void {
    clearTimeout(this.renewal);
    this.renewal = undefined;
    if (!this.mayPull) return;
    void this.retire();
    const subscription = this.connection.subscribe(createInbox(inboxPrefix(this.options.role)), {
      callback: (error, message) => {
        if (error !== null) this.missing.report(error.message);
        else if (subscription === this.subscription) this.receive(message);
        else this.giveBack(message);
      },
    });
    this.subscription = subscription;
    this.pull();
  }

  /**
   * Listens to the present inbox no more, so that the broker drops its requests. The broker first has to have taken the
   * last request in: when the end of its inbox comes before that, a request that came through an account's import stays,
   * and its messages go nowhere (seen with 2.15.1).
   */
  private async retire(): Promise<void> {
    const retired = this.subscription;
    this.subscription = undefined;
    this.requested = 0;
    if (retired === undefined) return;
    await this.takenIn().catch(() => undefined);
    retired.unsubscribe();
    await this.connection.flush().catch(() => undefined);
  }

  /**
   * Resolves when the consumer has taken in every request so far. It takes them in one after the other, some time after the
   * connection did, and answers at once to one that cannot be read. Rejects when it does not answer in time.
   */
  private async takenIn(): Promise<void> {
    await this.connection.request(this.requestSubject, '{', { timeout: TAKEN_IN_MS });
  }

  private get requestSubject(): string {
    return `$JS.API.CONSUMER.MSG.NEXT.${this.options.consumer.stream}.${this.options.consumer.name}`;
  }

  /** A message for an inbox that is retired is free for others at once, unless it is a copy of one in hand. */
  private giveBack(message: Msg): void {
    if (!this.inFlight.has(readAckSubject(message.reply ?? '').sequence)) message.respond('-NAK');
  }

  private pull(): void {
    if (!this.mayPull || this.renewal !== undefined || this.subscription === undefined) return;
    const wanted = this.options.concurrency - this.inFlight.size - this.requested;
    // Asking only when half the places are free keeps requests few under load.
    if (wanted <= 0 || (this.requested > 0 && wanted < this.options.concurrency / 2)) return;
    this.lastHeard = Date.now();
    this.requested += wanted;
    const expiryMs = this.options.pullExpiryMs ?? PULL_EXPIRY_MS;
    const query = { batch: wanted, expires: expiryMs * 1_000_000, idle_heartbeat: Math.min(PULL_HEARTBEAT_MS, Math.floor(expiryMs / 3)) * 1_000_000 };
    this.connection.publish(this.requestSubject, JSON.stringify(query), { reply: this.subscription.getSubject() });
  }

  private receive(message: Msg): void {
    this.lastHeard = Date.now();
    const status = message.headers?.code ?? 0;
    if (status !== 0) {
      this.receiveStatus(status, message);
      return;
    }
    this.missing.clear();
    this.requested = Math.max(0, this.requested - 1);
    void this.process(message);
    // The broker takes an empty message for the end of an answer that crosses accounts (`response_type: stream`) and
    // forgets the way back: whatever else was asked for is lost.
    if (message.data.byteLength === 0) this.renew();
  }

  private receiveStatus(status: number, message: Msg): void {
    const unused = message.headers?.get('Nats-Pending-Messages') ?? '';
    if (status === 100 || (status === 408 && unused !== '')) {
      this.missing.clear();
      // A request whose time is over says how many messages it did not bring. Others may be open beside it.
      if (status === 408) this.requested = Math.max(0, this.requested - Number(unused));
      this.pull();
      return;
    }
    // Everything else says that the consumer or its server is not there now (409, 503), which ends every request.
    const description = message.headers?.description || 'No Responders';
    if (/deleted/i.test(description)) this.missing.report(description);
    else this.missing.suspect(description);
    this.renewal ??= setTimeout(() => this.renew(), RENEW_DELAY_MS);
  }

  private async process(message: Msg): Promise<void> {
    const { sequence, deliveries } = readAckSubject(message.reply ?? '');
    // A late heartbeat can bring back a message that is still in hand here; handling it twice would help nobody.
    if (this.inFlight.has(sequence)) {
      this.pull();
      return;
    }
    this.inFlight.set(sequence, message);
    const work: WorkMessage = { subject: message.subject, data: message.data, sequence, deliveries, header: (name) => message.headers?.get(name) || undefined };
    let result: WorkResult;
    try {
      result = await this.options.handle(work, this.stopping.signal);
    } catch (error) {
      this.options.onError(error, work);
      result = { againAfterMs: RETRY_DELAY_MS };
    }
    // The broker reads whole nanoseconds only, and takes a delay that it cannot read for none.
    if (!this.connection.isClosed()) message.respond(result === 'done' ? '+ACK' : `-NAK ${JSON.stringify({ delay: Math.ceil(result.againAfterMs * 1_000_000) })}`);
    this.inFlight.delete(sequence);
    this.pull();
  }
}

/**
 * Reads a message's acknowledgement subject. It has nine or twelve tokens
 * (`$JS.ACK[.<domain>.<account>].<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>`).
 */
function readAckSubject(subject: string): { sequence: number; deliveries: number } {
  const tokens = subject.split('.');
  const first = tokens.length > 9 ? 4 : 2;
  return { deliveries: Number(tokens[first + 2]), sequence: Number(tokens[first + 3]) };
}
