import { consumersOf, streamsOf, type ConsumerDeclaration } from '@holdfast/contracts';
import type { Chance } from '../time/chance.ts';
import { processOf, type Process, type Timeline } from '../time/timeline.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import { Consumer } from './consumer.ts';
import { Stream, type Stored } from './stream.ts';
import { matches } from './subjects.ts';

/** What a publish asks of the broker; see `PublishOptions` of the bus. */
export interface PublishedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected?: { readonly sequence: number; readonly filter?: string } | undefined;
  readonly messageId?: string | undefined;
  readonly ttlMs?: number | undefined;
}

export type PublishVerdict =
  | { readonly status: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly status: 'conflict'; readonly lastSequence: number };

/** Somebody who answers requests on a subject. */
export interface Responder {
  readonly process: Process;
  readonly subject: string;
  readonly queue: string;
  answer(subject: string, body: string, headers: Readonly<Record<string, string>>, reply: (body: string) => void): void;
}

/** Ways to break the broker, for the test of the test alone. */
export interface BrokerWeakness {
  /** Streams whose expected sequence is not looked at. */
  readonly unfenced?: (stream: string) => boolean;
  /** Streams that look empty to readers. */
  readonly unread?: (stream: string) => boolean;
  /** Acknowledges before anything is on disk. */
  readonly unsynced?: boolean;
}

export interface BrokerMeans {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  readonly partitions: number;
  readonly adapters: readonly string[];
  readonly weakness: BrokerWeakness;
}

/** How late the broker may fire a schedule, in milliseconds (measured with 2.15.1: at most a quarter of a second). */
const SCHEDULE_LATENESS_MS = 250;
const SYNC_EVERY_MS = 400;

/**
 * The broker's twin: streams with an expected sequence, work queues, durable consumers, schedules, queue groups. Every
 * operation is atomic and, with the durability `power`, on disk before it is answered.
 */
export class Broker {
  readonly streams: readonly Stream[];
  /** Told of every message that is stored. */
  onStored: (stream: Stream, stored: Stored) => void = () => undefined;
  private readonly consumers: readonly Consumer[];
  private readonly responders: Responder[] = [];
  private readonly lost = new Set<() => void>();
  private readonly restored = new Set<() => void>();
  private readonly clockwork: Process = processOf('broker');
  private readonly means: BrokerMeans;
  private up = true;

  constructor(means: BrokerMeans) {
    this.means = means;
    this.streams = streamsOf(means.partitions).map((declaration) => new Stream(declaration, () => means.timeline.now));
    // No gateway here tells teams outside anything, so what that consumer holds is nobody's work.
    this.consumers = consumersOf(means.partitions, means.adapters).filter(({ name }) => name !== 'events').map((declaration) => new Consumer(declaration, this.stream(declaration.stream), { timeline: means.timeline, chance: means.chance, faults: means.faults, clockwork: this.clockwork, isUp: () => this.up }));
    if (means.weakness.unsynced === true) means.timeline.after(SYNC_EVERY_MS, this.clockwork, () => this.streams.forEach((stream) => stream.sync()), SYNC_EVERY_MS);
  }

  get isUp(): boolean {
    return this.up;
  }

  /** The process in whose moments messages arrive. */
  get process(): Process {
    return this.clockwork;
  }

  stream(name: string): Stream {
    const stream = this.streams.find((candidate) => candidate.declaration.name === name);
    if (stream === undefined) throw new RangeError(`the twin has no stream ${name}`);
    return stream;
  }

  consumer(declaration: ConsumerDeclaration): Consumer {
    const consumer = this.consumers.find((candidate) => candidate.declaration.name === declaration.name && candidate.declaration.stream === declaration.stream);
    if (consumer === undefined) throw new RangeError(`the twin has no consumer ${declaration.name} on ${declaration.stream}`);
    return consumer;
  }

  /** Consumers whose messages somebody still has to acknowledge; traces are nobody's work here. */
  get owing(): readonly string[] {
    return this.consumers.filter(({ declaration, owed }) => declaration.name !== 'traces' && owed > 0).map(({ declaration }) => `${declaration.stream} ${declaration.name}`);
  }

  /** Undefined when no stream takes the subject. */
  publish(message: PublishedMessage): PublishVerdict | undefined {
    const stream = this.streams.find((candidate) => candidate.takes(message.subject));
    if (stream === undefined) return undefined;
    const known = message.messageId === undefined ? undefined : stream.recentIds.get(message.messageId);
    if (known !== undefined) return { status: 'stored', sequence: known, duplicate: true };
    // A message without content only asks where the fence stands; see `EventLog.lastSequence`.
    const unfenced = message.data.byteLength > 0 && this.means.weakness.unfenced?.(stream.declaration.name) === true;
    if (message.expected !== undefined && !unfenced) {
      const last = stream.lastMatching(message.expected.filter ?? message.subject)?.sequence ?? 0;
      if (last !== message.expected.sequence) return { status: 'conflict', lastSequence: last };
    }
    const stored = this.store(stream, message);
    if (message.messageId !== undefined) stream.recentIds.set(message.messageId, stored.sequence);
    return { status: 'stored', sequence: stored.sequence, duplicate: false };
  }

  /** What readers see of a stream when they are so many messages behind. */
  read<T>(name: string, behind: number, look: (stream: Stream, upTo: number) => T): T {
    const stream = this.stream(name);
    return look(stream, this.means.weakness.unread?.(name) === true ? 0 : Math.max(0, stream.last - behind));
  }

  respond(responder: Responder): () => void {
    this.responders.push(responder);
    return () => {
      const at = this.responders.indexOf(responder);
      if (at >= 0) this.responders.splice(at, 1);
    };
  }

  /** One member of the subject's queue group, paused ones included, since the broker cannot tell. */
  responderOf(subject: string): Responder | undefined {
    const able = this.responders.filter((responder) => responder.process.state !== 'dead' && matches(responder.subject, subject));
    return able[this.means.chance.below(able.length)];
  }

  /** Calls back when the connection is lost and when it is there again. Returns how to stop. */
  watch(onLost: () => void, onRestored: () => void): () => void {
    this.lost.add(onLost);
    this.restored.add(onRestored);
    return () => {
      this.lost.delete(onLost);
      this.restored.delete(onRestored);
    };
  }

  losePower(forgets: number): void {
    if (!this.up) return;
    this.up = false;
    for (const stream of this.streams) stream.losePower();
    for (const consumer of this.consumers) consumer.losePower(forgets);
    for (const callback of [...this.lost]) callback();
  }

  restore(): void {
    if (this.up) return;
    this.up = true;
    for (const callback of [...this.restored]) callback();
    for (const consumer of this.consumers) consumer.pump();
  }

  private store(stream: Stream, message: PublishedMessage): Stored {
    const stored = stream.append(message.subject, message.data, message.headers, message.ttlMs);
    if (this.means.weakness.unsynced !== true) stream.sync();
    if (stream.declaration.allowSchedules) this.schedule(stream, stored);
    this.onStored(stream, stored);
    for (const consumer of this.consumers) if (consumer.stream === stream) consumer.pump();
    return stored;
  }

  /**
   * A scheduled message (NATS ADR-51): one for each subject, delivered on its target when due, also late and after a
   * restart, unless another message has purged it.
   */
  private schedule(stream: Stream, stored: Stored): void {
    const cancelled = stored.headers['Nats-Schedule-Next'] === 'purge' ? stored.headers['Nats-Scheduler'] : undefined;
    if (cancelled !== undefined) for (const earlier of stream.messages) if (earlier.subject === cancelled) earlier.removed = true;
    const due = /^@at (.+)$/.exec(stored.headers['Nats-Schedule'] ?? '')?.[1];
    const target = stored.headers['Nats-Schedule-Target'];
    if (due === undefined || target === undefined) return;
    for (const earlier of stream.messages) if (earlier !== stored && earlier.subject === stored.subject) earlier.removed = true;
    const { timeline, chance } = this.means;
    const fire = (): void => {
      if (stored.removed || stream.at(stored.sequence) !== stored) return;
      if (!this.up) {
        timeline.after(SCHEDULE_LATENESS_MS, this.clockwork, fire);
        return;
      }
      stored.removed = true;
      this.store(stream, { subject: target, data: stored.data, headers: {} });
    };
    timeline.after(Date.parse(due) - timeline.now + chance.next() * SCHEDULE_LATENESS_MS, this.clockwork, fire);
  }
}
