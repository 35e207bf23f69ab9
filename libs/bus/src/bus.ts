import { NoRespondersError, type NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { inboxPrefix, type Role } from '@holdfast/contracts';
import { connectToBroker, type BusSettings } from './connection.js';
import { hearOut, type GiveUp, type HearOutOptions } from './hear-out.js';
import { publish, type PublishAnswer, type PublishOptions } from './publisher.js';
import { Reconnects } from './reconnects.js';
import { ReplyMux, type Asker } from './reply-mux.js';
import { request, serve, type RequestContext, type RequestOptions, type Served } from './requests.js';
import { countMatching, getBatch, getBySequence, lastBySubject, type StoredMessage } from './stored.js';
import { Worker, type WorkerOptions } from './worker.js';

/** A message heard live on a plain subscription: lossy, so always a hint and never the truth. */
export interface HeardMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

/** One role's connection to the broker, and everything a service does with it. */
export class Bus {
  private readonly workers = new Set<Worker>();
  private readonly served = new Set<Served>();
  private readonly hearing = new Set<GiveUp>();
  private readonly reconnects: Reconnects;
  /** The connection, whose answers are given up when it is lost. */
  private readonly asker: Asker;
  private closing: Promise<void> | undefined;

  private constructor(private readonly connection: NatsConnection, readonly role: Role, private readonly onUnexpected: (error: unknown, subject: string) => void) {
    const mux = new ReplyMux(connection, inboxPrefix(role));
    // An answer that was under way when the connection was lost never comes; waiting for it would cost seconds of every recovery.
    this.reconnects = new Reconnects(connection, () => this.giveUp(mux, new Error('the connection was lost before the answer came')), (error) => mux.refused(error));
    // What is asked while the connection is down would be written to nowhere and wait for its time-out.
    this.asker = {
      request: (subject, payload, options) =>
        this.reconnects.isUp ? mux.request(subject, payload, options) : this.reconnects.whenUp(options.timeoutMs).then(() => mux.request(subject, payload, options)),
    };
  }

  /** Connects; see {@link connectToBroker} for the errors. */
  static async connect(settings: BusSettings): Promise<Bus> {
    return new Bus(await connectToBroker(settings), settings.role, settings.onUnexpected ?? (() => undefined));
  }

  /** The largest message that the broker takes, headers included, in bytes. */
  get maximumPayload(): number {
    return this.connection.info?.max_payload ?? Infinity;
  }

  publish(subject: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishAnswer> {
    return publish(this.asker, subject, payload, options);
  }

  /** Says something that may be lost: nobody confirms it, nothing waits for it, and while the connection is down it is dropped. */
  tell(subject: string, value: unknown): void {
    if (!this.reconnects.isUp || this.connection.isClosed()) return;
    try {
      this.connection.publish(subject, JSON.stringify(value));
    } catch (error) {
      this.onUnexpected(error, subject);
    }
  }

  request<T>(subject: string, value: unknown, answer: z.ZodType<T>, options?: RequestOptions): Promise<T> {
    return request(this.asker, subject, value, answer, options);
  }

  /** Everybody's answers to one question that come within `waitMs` and follow the contract; none when nobody listens. */
  async askAll<T>(subject: string, value: unknown, answer: z.ZodType<T>, waitMs: number): Promise<readonly T[]> {
    const answers: T[] = [];
    try {
      for await (const message of await this.connection.requestMany(subject, JSON.stringify(value), { strategy: 'timer', maxWait: waitMs })) {
        const parsed = answer.safeParse(message.data.byteLength === 0 ? undefined : message.json());
        if (parsed.success) answers.push(parsed.data);
      }
    } catch {
      // Nobody listens, or the subject is refused: what was heard so far is the answer.
    }
    return answers;
  }

  /** Asks once and hears several messages until they amount to an answer; see {@link hearOut} for the errors. */
  hearOut<T>(subject: string, value: unknown, hear: (data: Uint8Array) => T | undefined, options: HearOutOptions): Promise<T> {
    return hearOut(this.connection, inboxPrefix(this.role), this.hearing, subject, value, hear, options);
  }

  /** Answers requests; see {@link serve}. Returns how to stop: it resolves when what was taken in is answered. */
  serve<Q, A>(subject: string, question: z.ZodType<Q>, handler: (value: Q, context: RequestContext) => Promise<A>): () => Promise<void> {
    const served = serve(this.connection, { subject, queue: this.role, question, handler, onUnexpected: this.onUnexpected });
    this.served.add(served);
    return () => stopServing(served).finally(() => this.served.delete(served));
  }

  /** Whether anybody listens to a subject: `nobody` is certain, `unknown` is said when no answer came in time. */
  async probe(subject: string, timeoutMs: number): Promise<'somebody' | 'nobody' | 'unknown'> {
    try {
      await this.asker.request(subject, '{}', { timeoutMs });
      return 'somebody';
    } catch (error) {
      return error instanceof NoRespondersError ? 'nobody' : 'unknown';
    }
  }

  listen(subject: string, handler: (message: HeardMessage) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) this.onUnexpected(error, subject);
        else handler({ subject: message.subject, data: message.data, header: (name) => message.headers?.get(name) || undefined });
      },
    });
    return () => subscription.unsubscribe();
  }

  work(options: Omit<WorkerOptions, 'role' | 'onStopped'>): Worker {
    const worker: Worker = new Worker(this.connection, this.reconnects, { ...options, role: this.role, onStopped: () => this.workers.delete(worker) });
    this.workers.add(worker);
    worker.start();
    return worker;
  }

  lastBySubject(stream: string, filter: string): Promise<StoredMessage | undefined> {
    return lastBySubject(this.asker, stream, filter);
  }

  getBySequence(stream: string, sequence: number): Promise<StoredMessage | undefined> {
    return getBySequence(this.asker, stream, sequence);
  }

  getBatch(stream: string, sequence: number, batch: number, filter?: string): Promise<readonly StoredMessage[]> {
    return getBatch(this.connection, stream, sequence, batch, filter);
  }

  /** How many messages of a stream match a filter of subjects. */
  count(stream: string, filter: string): Promise<number> {
    return countMatching(this.connection, stream, filter);
  }

  /** Calls back after every reconnect, when live subscriptions may have missed messages. Returns how to stop. */
  onReconnect(callback: () => void): () => void {
    return this.reconnects.add(callback);
  }

  /** True while the broker answers; one round trip. */
  async isReady(): Promise<boolean> {
    if (this.connection.isClosed()) return false;
    const answered = this.connection.flush().then(() => true, () => false);
    return Promise.race([answered, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000).unref())]);
  }

  /**
   * Takes no more work, finishes what is in hand within `graceMs`, and closes the connection; also while the broker is
   * away. Never rejects, and may be called again.
   */
  close(graceMs = 5_000): Promise<void> {
    this.closing ??= this.finish(graceMs);
    return this.closing;
  }

  private giveUp(mux: ReplyMux, reason: Error): void {
    mux.giveUp(reason);
    for (const giveUp of [...this.hearing]) giveUp(reason);
  }

  private async finish(graceMs: number): Promise<void> {
    const withinGrace = (work: Promise<unknown>): Promise<unknown> => Promise.race([work.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    // Handlers still need the connection, for their own requests and for their answers, so it goes last.
    await Promise.all([...[...this.workers].map((worker) => worker.stop(graceMs)), withinGrace(Promise.all([...this.served].map(stopServing)))]);
    if (!this.connection.isClosed()) await withinGrace(this.connection.drain());
    if (!this.connection.isClosed()) await this.connection.close();
  }
}

async function stopServing({ subscription, inHand }: Served): Promise<void> {
  // What the broker has already sent is still answered.
  if (!subscription.isClosed()) await subscription.drain().catch(() => undefined);
  await Promise.all(inHand);
}
