import { createInbox, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { inboxPrefix, type ConsumerDeclaration, type Role } from '@holdfast/contracts';

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
  /** Told when the broker reports that the consumer or its stream is missing. */
  readonly onMissing: (description: string) => void;
}

const PULL_EXPIRY_MS = 20_000;
const PULL_HEARTBEAT_MS = 2_000;
const RETRY_DELAY_MS = 1_000;

/**
 * Pulls a durable consumer's messages and handles them, several at once. While a handler runs, the worker tells the
 * broker so at a third of the acknowledgement wait; a killed worker falls silent and its messages go to another.
 *
 * It pulls by hand, not through the JetStream client, because a role may reach nothing but the consumer's next-message
 * and acknowledgement subjects. One request may stay open for {@link PULL_EXPIRY_MS}; a reconnect or a missed heartbeat
 * opens a new one.
 */
export class Worker {
  private readonly inFlight = new Set<number>();
  private readonly stopping = new AbortController();
  private subscription: Subscription | undefined;
  private requested = 0;
  private lastHeard = Date.now();
  private watch: NodeJS.Timeout | undefined;
  private pullDelay: NodeJS.Timeout | undefined;

  constructor(private readonly connection: NatsConnection, private readonly options: WorkerOptions) {}

  start(): void {
    const inbox = createInbox(inboxPrefix(this.options.role));
    this.subscription = this.connection.subscribe(inbox, {
      callback: (error, message) => {
        if (error === null) this.receive(message);
      },
    });
    void this.followConnection();
    this.watch = setInterval(() => {
      if (Date.now() - this.lastHeard > 3 * PULL_HEARTBEAT_MS) this.pullAfresh();
    }, PULL_HEARTBEAT_MS);
    this.pull();
  }

  /** Takes no more messages and waits until those in hand are finished, at most `graceMs`. */
  async stop(graceMs = 5_000): Promise<void> {
    this.stopping.abort();
    clearInterval(this.watch);
    clearTimeout(this.pullDelay);
    this.subscription?.unsubscribe();
    const deadline = Date.now() + graceMs;
    while (this.inFlight.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  private async followConnection(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (this.stopping.signal.aborted) return;
      if (status.type === 'reconnect') this.pullAfresh();
    }
  }

  /** Earlier requests are lost with the connection or the consumer's leader, so their credit is void. */
  private pullAfresh(): void {
    this.requested = 0;
    this.pull();
  }

  private pull(): void {
    if (this.stopping.signal.aborted || this.connection.isClosed() || this.subscription === undefined) return;
    const wanted = this.options.concurrency - this.inFlight.size - this.requested;
    // Asking only when half the places are free keeps requests few under load.
    if (wanted <= 0 || (this.requested > 0 && wanted < this.options.concurrency / 2)) return;
    this.lastHeard = Date.now();
    this.requested += wanted;
    const { stream, name } = this.options.consumer;
    const query = { batch: wanted, expires: PULL_EXPIRY_MS * 1_000_000, idle_heartbeat: PULL_HEARTBEAT_MS * 1_000_000 };
    this.connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, JSON.stringify(query), { reply: this.subscription.getSubject() });
  }

  private receive(message: Msg): void {
    this.lastHeard = Date.now();
    const status = message.headers?.code ?? 0;
    if (status === 100) return;
    if (status !== 0) {
      this.receiveStatus(status, message);
      return;
    }
    this.requested = Math.max(0, this.requested - 1);
    void this.process(message);
  }

  private receiveStatus(status: number, message: Msg): void {
    // 404 and 408 end a request whose time is over; 409 and 503 say that the consumer or the server is not there now.
    this.requested = 0;
    const gone = status === 503 || status === 409;
    if (gone && /deleted|no responders/i.test(message.headers?.description ?? 'no responders')) this.options.onMissing(message.headers?.description || 'No Responders');
    clearTimeout(this.pullDelay);
    this.pullDelay = setTimeout(() => this.pull(), gone ? 250 : 0);
  }

  private async process(message: Msg): Promise<void> {
    const { sequence, deliveries } = readAckSubject(message.reply ?? '');
    // A late heartbeat can bring back a message that is still in hand here; handling it twice would help nobody.
    if (this.inFlight.has(sequence)) return;
    this.inFlight.add(sequence);
    const heartbeat = setInterval(() => message.respond('+WPI'), Math.ceil(this.options.consumer.ackWaitMs / 3));
    const work: WorkMessage = { subject: message.subject, data: message.data, sequence, deliveries, header: (name) => message.headers?.get(name) || undefined };
    let result: WorkResult;
    try {
      result = await this.options.handle(work, this.stopping.signal);
    } catch (error) {
      this.options.onError(error, work);
      result = { againAfterMs: RETRY_DELAY_MS };
    }
    clearInterval(heartbeat);
    if (!this.connection.isClosed()) message.respond(result === 'done' ? '+ACK' : `-NAK ${JSON.stringify({ delay: result.againAfterMs * 1_000_000 })}`);
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
