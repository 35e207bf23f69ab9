import type { ConsumerDeclaration } from '@holdfast/contracts';
import type { Chance } from '../time/chance.ts';
import type { Moment, Process, Timeline } from '../time/timeline.ts';
import type { FaultPlan } from '../schedule/fault-plan.ts';
import type { Stored, Stream } from './stream.ts';
import { matchesAny } from './subjects.ts';

/** One delivery of one message. */
export interface Delivery {
  readonly stored: Stored;
  /** From 1. */
  readonly deliveries: number;
  /** True while it takes up one of its puller's places. */
  takesPlace: boolean;
}

/** A process that pulls a consumer's messages. */
export interface Puller {
  readonly process: Process;
  readonly concurrency: number;
  /** Deliveries that the broker has sent it and that it has not given back. */
  outstanding: number;
  /** True while the process still works on the message, so that its heartbeats keep it. */
  worksOn(sequence: number): boolean;
  take(delivery: Delivery): void;
}

interface Pending {
  readonly delivery: Delivery;
  readonly holder: Puller;
  timer: Moment | undefined;
}

export interface ConsumerMeans {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly faults: FaultPlan;
  /** Whose moments the broker's own are; they happen also while it is down, and then nothing comes of them. */
  readonly clockwork: Process;
  readonly isUp: () => boolean;
}

/**
 * A durable pull consumer with explicit acknowledgements. A message that nobody acknowledges or keeps alive for the
 * acknowledgement wait is delivered again, to any puller.
 */
export class Consumer {
  readonly declaration: ConsumerDeclaration;
  readonly stream: Stream;
  private readonly means: ConsumerMeans;
  private readonly pullers: Puller[] = [];
  private readonly pending = new Map<number, Pending>();
  private readonly deliveredBefore = new Map<number, number>();
  private readonly acknowledged: number[] = [];
  private again: number[] = [];
  /** What a fault delivers once more, also when it is acknowledged. */
  private readonly ghosts: Stored[] = [];
  private nextSequence = 1;

  constructor(declaration: ConsumerDeclaration, stream: Stream, means: ConsumerMeans) {
    this.declaration = declaration;
    this.stream = stream;
    this.means = means;
  }

  /** Messages that are not acknowledged: what the processes still owe. */
  get owed(): number {
    let count = this.pending.size + this.again.length;
    for (let sequence = this.nextSequence; sequence <= this.stream.last; sequence += 1) {
      const stored = this.stream.at(sequence);
      if (stored !== undefined && matchesAny(this.declaration.filter, stored.subject)) count += 1;
    }
    return count;
  }

  add(puller: Puller): void {
    this.pullers.push(puller);
    this.pump();
  }

  /** A connection that is closed, or a worker that stops, asks for no more. */
  remove(puller: Puller): void {
    const at = this.pullers.indexOf(puller);
    if (at >= 0) this.pullers.splice(at, 1);
  }

  /** Gives out what can be given out. */
  pump(): void {
    if (!this.means.isUp()) return;
    for (;;) {
      const free = this.pullers.filter((puller) => puller.process.state !== 'dead' && puller.outstanding < puller.concurrency);
      if (free.length === 0 || this.pending.size >= this.declaration.maximumInFlight) return;
      const stored = this.nextMessage();
      if (stored === undefined) return;
      const puller = free[this.means.chance.below(free.length)];
      if (puller === undefined) return;
      this.deliver(stored, puller);
    }
  }

  /** A copy that nobody wants gives its place to another message. */
  discard(delivery: Delivery, puller: Puller): void {
    freePlace(delivery, puller);
    this.pump();
  }

  /** The broker believes whoever acknowledges, also an earlier holder. */
  acknowledge(delivery: Delivery, puller: Puller): void {
    const { sequence } = delivery.stored;
    freePlace(delivery, puller);
    this.forgetPending(sequence);
    const stored = this.stream.at(sequence);
    if (stored !== undefined && this.stream.declaration.retention === 'workqueue') stored.removed = true;
    this.acknowledged.push(sequence);
    this.again = this.again.filter((waiting) => waiting !== sequence);
    this.pump();
  }

  /** Given back, to be delivered again after a delay. */
  giveBack(delivery: Delivery, delayMs: number, puller: Puller): void {
    const { sequence } = delivery.stored;
    freePlace(delivery, puller);
    const pending = this.pending.get(sequence);
    if (pending !== undefined) {
      if (pending.timer !== undefined) pending.timer.cancelled = true;
      pending.timer = this.means.timeline.after(delayMs, this.means.clockwork, () => this.expire(sequence, pending));
    }
    this.pump();
  }

  /** After a loss of power the last acknowledgements may not have been on disk, and everything out is delivered again. */
  losePower(forgets: number): void {
    for (const sequence of this.acknowledged.splice(Math.max(0, this.acknowledged.length - forgets))) {
      const stored = this.stream.messages[sequence - 1];
      if (stored === undefined) continue;
      stored.removed = false;
      if (!this.again.includes(sequence)) this.again.push(sequence);
    }
    for (const [sequence, { delivery, holder }] of [...this.pending]) {
      // Whoever is connected again asks anew.
      freePlace(delivery, holder);
      this.forgetPending(sequence);
      if (!this.again.includes(sequence)) this.again.push(sequence);
    }
    this.again = this.again.filter((sequence) => this.stream.at(sequence) !== undefined);
    this.nextSequence = Math.min(this.nextSequence, this.stream.last + 1);
  }

  private nextMessage(): Stored | undefined {
    const ghost = this.ghosts.shift();
    if (ghost !== undefined) return ghost;
    for (let sequence = this.again.shift(); sequence !== undefined; sequence = this.again.shift()) {
      const stored = this.stream.at(sequence);
      if (stored !== undefined) return stored;
    }
    while (this.nextSequence <= this.stream.last) {
      const stored = this.stream.at(this.nextSequence);
      this.nextSequence += 1;
      if (stored !== undefined && matchesAny(this.declaration.filter, stored.subject)) return stored;
    }
    return undefined;
  }

  private deliver(stored: Stored, puller: Puller): void {
    const { sequence } = stored;
    const deliveries = (this.deliveredBefore.get(sequence) ?? 0) + 1;
    this.deliveredBefore.set(sequence, deliveries);
    const delivery: Delivery = { stored, deliveries, takesPlace: true };
    const pending: Pending = { delivery, holder: puller, timer: undefined };
    this.forgetPending(sequence);
    this.pending.set(sequence, pending);
    puller.outstanding += 1;
    this.watch(sequence, pending);
    puller.take(delivery);
    for (const { ms } of this.means.faults.next<'redelivery'>('delivery')) {
      this.means.timeline.after(ms, this.means.clockwork, () => {
        this.ghosts.push(stored);
        this.pump();
      });
    }
  }

  /** Heartbeats are not sent one by one: at the end of the wait it is looked whether the holder would have sent them. */
  private watch(sequence: number, pending: Pending): void {
    pending.timer = this.means.timeline.after(this.declaration.ackWaitMs, this.means.clockwork, () => {
      const { holder } = pending;
      if (holder.process.state === 'running' && holder.worksOn(sequence)) {
        this.watch(sequence, pending);
        return;
      }
      // What never arrived is asked for anew by a living process; a paused one has no more room until it wakes.
      if (holder.process.state === 'running') freePlace(pending.delivery, holder);
      this.expire(sequence, pending);
    });
  }

  private expire(sequence: number, pending: Pending): void {
    if (this.pending.get(sequence) !== pending) return;
    this.forgetPending(sequence);
    this.again.push(sequence);
    this.pump();
  }

  private forgetPending(sequence: number): void {
    const pending = this.pending.get(sequence);
    if (pending?.timer !== undefined) pending.timer.cancelled = true;
    this.pending.delete(sequence);
  }
}

/** Once only, however often it is acknowledged. */
function freePlace(delivery: Delivery, puller: Puller): void {
  if (delivery.takesPlace) puller.outstanding -= 1;
  delivery.takesPlace = false;
}
