import type { z } from 'zod';
import type { Bus, HeardMessage, PublishAnswer, PublishOptions, RequestContext, RequestOptions, StoredMessage, Worker, WorkerOptions } from '@holdfast/bus';
import { HoldfastError, parseFactSubject, type Fact, type FactAnswer, type Role, type RunKey } from '@holdfast/contracts';
import type { Broker } from '../broker/broker.ts';
import type { Network } from '../broker/network.ts';
import type { Stored, Stream } from '../broker/stream.ts';
import { matches } from '../broker/subjects.ts';
import type { Process, Timeline } from '../time/timeline.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import { TwinWorker } from './twin-worker.ts';

export interface TwinBusMeans {
  readonly broker: Broker;
  readonly network: Network;
  readonly timeline: Timeline;
  readonly faults: FaultPlan;
  /** Told of what a service fails with unexpectedly: a bug, whatever else goes well. */
  readonly onUnexpected: (error: unknown, subject: string) => void;
  /** Told of each fact that its sender was told is in the log. */
  readonly onAnswered: (key: RunKey, id: string) => void;
  /** The message as a worker is given it; only the tests of the test change anything. */
  readonly alter: (stored: Stored, deliveries: number, role: Role) => Uint8Array;
}

const DEFAULT_PATIENCE_MS = 2_000;
/** The broker's default, in bytes. */
const MAXIMUM_PAYLOAD = 1_048_576;
const encoder = new TextEncoder();

/** One process's connection to the broker's twin: what the real `Bus` promises, in virtual time. */
export class TwinBus implements Pick<Bus, Exclude<keyof Bus, 'role' | 'listen' | 'hearOut'>> {
  readonly role: Role;
  private readonly process: Process;
  private readonly means: TwinBusMeans;
  private readonly workers: TwinWorker[] = [];
  private readonly undo: (() => void)[] = [];
  private readonly waiting = new Set<(reason: string) => void>();
  private readonly reconnects = new Set<() => void>();

  constructor(process: Process, role: Role, means: TwinBusMeans) {
    this.process = process;
    this.role = role;
    this.means = means;
    const { broker, timeline } = means;
    this.undo.push(broker.watch(
      () => void timeline.after(0, process, () => this.loseAnswers('the connection was lost before the answer came')),
      () => void timeline.after(0, process, () => {
        for (const callback of [...this.reconnects]) callback();
      }),
    ));
  }

  /** The same object as the product's type, whose private members nobody outside the bus can reach. */
  get asBus(): Bus {
    return this as unknown as Bus;
  }

  get maximumPayload(): number {
    return MAXIMUM_PAYLOAD;
  }

  async publish(subject: string, payload: Uint8Array | string, options: PublishOptions = {}): Promise<PublishAnswer> {
    const data = typeof payload === 'string' ? encoder.encode(payload) : payload;
    const message = { subject, data, headers: options.headers ?? {}, expected: options.expected, messageId: options.messageId, ttlMs: options.ttlMs };
    try {
      const verdict = await this.ask(`publish ${subject}`, options.timeoutMs, () => this.means.broker.publish(message) ?? 'no-stream');
      if (verdict !== 'no-stream') return verdict;
    } catch (error) {
      return { status: 'unknown', reason: String(error) };
    }
    throw new HoldfastError({ code: 'bus.rejected', message: `No stream of the twin takes "${subject}".`, retryable: false, remedy: 'Declare the stream in the contracts.' });
  }

  /** The twin has nobody who listens to what may be lost. */
  tell(): void {
    // Said to nobody.
  }

  async request<T>(subject: string, value: unknown, answer: z.ZodType<T>, options: RequestOptions = {}): Promise<T> {
    const body = JSON.stringify(value);
    let text: string;
    try {
      text = await this.exchange(subject, body, options);
    } catch (error) {
      throw new HoldfastError({ code: 'bus.unanswered', message: `Nobody answered "${subject}" in time.`, retryable: true, remedy: 'Try again.', cause: error });
    }
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'error' in parsed) throw new HoldfastError(parsed.error as ConstructorParameters<typeof HoldfastError>[0]);
    const checked = answer.safeParse(parsed);
    if (!checked.success) throw new HoldfastError({ code: 'bus.malformed', message: `The answer on "${subject}" does not follow its contract: ${checked.error.message}`, retryable: false, remedy: 'Run the same release of all services.' });
    const place = subject.startsWith('fact.') ? parseFactSubject(subject) : undefined;
    const id = (value as Partial<Fact>).id;
    if (place !== undefined && id !== undefined && ['committed', 'duplicate'].includes((checked.data as FactAnswer).status)) this.means.onAnswered(place.key, id);
    return checked.data;
  }

  serve<Q, A>(subject: string, question: z.ZodType<Q>, handler: (value: Q, context: RequestContext) => Promise<A>): () => Promise<void> {
    const inHand = new Set<Promise<unknown>>();
    const stop = this.means.broker.respond({
      process: this.process, subject, queue: this.role,
      answer: (asked, body, headers, reply) => {
        const parsed = question.safeParse(JSON.parse(body));
        if (!parsed.success) {
          reply(JSON.stringify({ error: { code: 'request.invalid', message: parsed.error.message, retryable: false, remedy: 'Follow the contract of this subject.' } }));
          return;
        }
        const answering = handler(parsed.data, { subject: asked, header: (name) => headers[name] }).then(
          (answer) => reply(JSON.stringify(answer)),
          (error: unknown) => {
            if (!(error instanceof HoldfastError)) this.means.onUnexpected(error, asked);
            const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'internal', message: 'The service failed unexpectedly.', retryable: true, remedy: 'Look at its log.' };
            reply(JSON.stringify({ error: shape }));
          },
        ).finally(() => inHand.delete(answering));
        inHand.add(answering);
      },
    });
    this.undo.push(stop);
    return async () => {
      stop();
      await Promise.all(inHand);
    };
  }

  /** The twin has no servers that would tell of themselves. */
  async askAll(): Promise<readonly never[]> {
    return [];
  }

  async probe(subject: string, timeoutMs: number): Promise<'somebody' | 'nobody' | 'unknown'> {
    if (this.means.broker.isUp && this.means.broker.responderOf(subject) === undefined) return 'nobody';
    return this.exchange(subject, '{}', { timeoutMs }).then(() => 'somebody', () => 'unknown');
  }

  work(options: Omit<WorkerOptions, 'role'>): Worker {
    const worker = new TwinWorker(this.process, this.role, options, this.means);
    this.workers.push(worker);
    return worker as unknown as Worker;
  }

  async lastBySubject(stream: string, filter: string): Promise<StoredMessage | undefined> {
    const found = await this.read(stream, (source, upTo) => source.lastMatching(filter, upTo));
    return found === undefined ? undefined : toStoredMessage(found);
  }

  async getBySequence(stream: string, sequence: number): Promise<StoredMessage | undefined> {
    const found = await this.read(stream, (source, upTo) => (sequence > upTo ? undefined : source.at(sequence)));
    return found === undefined ? undefined : toStoredMessage(found);
  }

  async getBatch(stream: string, sequence: number, batch: number, filter = '>'): Promise<readonly StoredMessage[]> {
    const found = await this.read(stream, (source, upTo) => source.messages.slice(sequence - 1, upTo).filter((stored) => matches(filter, stored.subject) && source.isThere(stored, upTo)).slice(0, batch));
    return found.map(toStoredMessage);
  }

  async count(stream: string, filter: string): Promise<number> {
    return (await this.getBatch(stream, 1, Number.MAX_SAFE_INTEGER, filter)).length;
  }

  listen(_subject: string, _handler: (message: HeardMessage) => void): () => void {
    throw new TypeError('no process of the simulation listens yet');
  }

  onReconnect(callback: () => void): () => void {
    this.reconnects.add(callback);
    return () => void this.reconnects.delete(callback);
  }

  isReady(): Promise<boolean> {
    return Promise.resolve(this.means.broker.isUp);
  }

  /** Takes no more work, finishes what is in hand within the grace, and goes. */
  async close(graceMs = 5_000): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(graceMs)));
    this.disconnect();
  }

  /** The connection is gone, as after a kill: the broker notices, and nothing more comes in or goes out. */
  disconnect(): void {
    for (const worker of this.workers) worker.disconnect();
    for (const stop of this.undo.splice(0)) stop();
  }

  private read<T>(name: string, look: (stream: Stream, upTo: number) => T): Promise<T> {
    const [stale] = this.means.faults.next<'stale-read'>('read');
    return this.ask(`read ${name}`, undefined, () => this.means.broker.read(name, stale?.behind ?? 0, look)).catch((cause: unknown) => {
      throw new HoldfastError({ code: 'bus.unavailable', message: `Stream ${name} did not answer a read.`, retryable: true, remedy: 'Try again.', cause });
    });
  }

  /** Asks the broker itself: there, the operation, and back. */
  private ask<T>(what: string, patienceMs: number | undefined, operation: () => T): Promise<T> {
    const { broker, network } = this.means;
    return this.await(patienceMs, (resolve) => network.send({
      end: this.process, direction: 'out', what, to: broker.process,
      arrive: () => {
        if (!broker.isUp) return;
        const result = operation();
        network.send({ end: this.process, direction: 'in', what, to: this.process, arrive: () => resolve(result) });
      },
    }));
  }

  /** Asks another service: one hop there, and one back. */
  private exchange(subject: string, body: string, options: RequestOptions): Promise<string> {
    const { broker, network } = this.means;
    return this.await(options.timeoutMs, (resolve, reject) => {
      const responder = broker.responderOf(subject);
      if (responder === undefined) {
        reject('no responders');
        return;
      }
      network.send({
        end: this.process, direction: 'out', what: `ask ${subject}`, to: responder.process,
        arrive: () => responder.answer(subject, body, options.headers ?? {}, (text) =>
          network.send({ end: responder.process, direction: 'out', what: `answer ${subject}`, to: this.process, arrive: () => resolve(text) })),
      });
    });
  }

  /** Waits for an answer: not beyond its time, and not beyond the loss of the connection. While it is down, asks later. */
  private await<T>(patienceMs = DEFAULT_PATIENCE_MS, begin: (resolve: (value: T) => void, reject: (reason: string) => void) => void): Promise<T> {
    const { broker, timeline } = this.means;
    return new Promise<T>((resolve, reject) => {
      let settled = false;
      const settle = (act: () => void): void => {
        if (settled) return;
        settled = true;
        late.cancelled = true;
        this.waiting.delete(fail);
        this.reconnects.delete(start);
        act();
      };
      const fail = (reason: string): void => settle(() => reject(new Error(reason)));
      const start = (): void => {
        this.reconnects.delete(start);
        this.waiting.add(fail);
        begin((value) => settle(() => resolve(value)), (reason) => void timeline.after(0.2, this.process, () => fail(reason)));
      };
      const late = timeline.after(patienceMs, this.process, () => fail('no answer in time'));
      if (broker.isUp) start();
      else this.reconnects.add(start);
    });
  }

  private loseAnswers(reason: string): void {
    for (const fail of [...this.waiting]) fail(reason);
  }
}

function toStoredMessage(stored: Stored): StoredMessage {
  return { subject: stored.subject, sequence: stored.sequence, data: stored.data, header: (name) => stored.headers[name] };
}

