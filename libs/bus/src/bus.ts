import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { Role } from '@holdfast/contracts';
import { connectToBroker, type BusSettings } from './connection.js';
import { publish, type PublishAnswer, type PublishOptions } from './publisher.js';
import { request, serve, type RequestContext, type RequestOptions } from './requests.js';
import { getBatch, getBySequence, lastBySubject, type StoredMessage } from './stored.js';
import { Worker, type WorkerOptions } from './worker.js';

/** A message heard live on a plain subscription: lossy, so always a hint and never the truth. */
export interface HeardMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  header(name: string): string | undefined;
}

/** One role's connection to the broker, and everything a service does with it. */
export class Bus {
  private readonly workers: Worker[] = [];
  private readonly subscriptions: Subscription[] = [];

  private constructor(private readonly connection: NatsConnection, readonly role: Role) {}

  /** Connects; see {@link connectToBroker} for the errors. */
  static async connect(settings: BusSettings): Promise<Bus> {
    return new Bus(await connectToBroker(settings), settings.role);
  }

  publish(subject: string, payload: Uint8Array | string, options?: PublishOptions): Promise<PublishAnswer> {
    return publish(this.connection, subject, payload, options);
  }

  request<T>(subject: string, value: unknown, answer: z.ZodType<T>, options?: RequestOptions): Promise<T> {
    return request(this.connection, subject, value, answer, options);
  }

  serve<Q, A>(subject: string, question: z.ZodType<Q>, handler: (value: Q, context: RequestContext) => Promise<A>): void {
    this.subscriptions.push(serve(this.connection, subject, this.role, question, handler));
  }

  listen(subject: string, handler: (message: HeardMessage) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) handler({ subject: message.subject, data: message.data, header: (name) => message.headers?.get(name) || undefined });
      },
    });
    this.subscriptions.push(subscription);
    return () => subscription.unsubscribe();
  }

  work(options: Omit<WorkerOptions, 'role'>): Worker {
    const worker = new Worker(this.connection, { ...options, role: this.role });
    this.workers.push(worker);
    worker.start();
    return worker;
  }

  lastBySubject(stream: string, filter: string): Promise<StoredMessage | undefined> {
    return lastBySubject(this.connection, stream, filter);
  }

  getBySequence(stream: string, sequence: number): Promise<StoredMessage | undefined> {
    return getBySequence(this.connection, stream, sequence);
  }

  getBatch(stream: string, sequence: number, batch: number, filter?: string): Promise<readonly StoredMessage[]> {
    return getBatch(this.connection, stream, sequence, batch, filter);
  }

  /** Calls back after every reconnect, when live subscriptions may have missed messages. Returns how to stop. */
  onReconnect(callback: () => void): () => void {
    let active = true;
    void (async () => {
      for await (const status of this.connection.status()) {
        if (!active) return;
        if (status.type === 'reconnect') callback();
      }
    })();
    return () => {
      active = false;
    };
  }

  /** True while the broker answers; one round trip. */
  async isReady(): Promise<boolean> {
    if (this.connection.isClosed()) return false;
    const answered = this.connection.flush().then(() => true);
    return Promise.race([answered, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1_000).unref())]);
  }

  /** Takes no more work, finishes what is in hand within `graceMs`, and closes the connection. */
  async close(graceMs = 5_000): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(graceMs)));
    await Promise.race([this.connection.drain(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    if (!this.connection.isClosed()) await this.connection.close();
  }
}
