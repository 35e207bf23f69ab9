import type { Logger } from '@holdfast/observability';
import type { LeaseRecord, LeaseSnapshot, LeaseStore } from './lease-store.js';
import { MemberWatch } from './member-watch.js';
import { assign } from './rendezvous.js';

/** How often a member looks at the bucket, and how often it renews its own sign of life, in milliseconds. */
const LOOK_MS = 200;
const HEARTBEAT_MS = 400;
/** A member that is silent for so long is asked whether it is there. */
const SUSPICION_MS = 200;
/** So many looks in a row at which nobody answers for it, and it is dead. One may be a connection that is being made anew. */
const UNANSWERED = 2;
/** A member that is silent for this long is dead, also if its process is only stopped. */
const LEASE_MS = 2_000;

export interface OwnershipOptions {
  /** This process's name among the orchestrators: one subject token, never used again by another process. */
  readonly member: string;
  readonly partitions: number;
  readonly store: LeaseStore;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  /** Begins to work on a partition. */
  readonly onGained: (partition: number) => void;
  /** Ends the work on a partition; resolves when nothing of it is in hand any more, or after a short grace. */
  readonly onLost: (partition: number) => Promise<void>;
  readonly logger: Logger;
  /** Told when the broker stored our sign of life, in its time, and when on our monotonic clock it was sent and confirmed. */
  readonly onHeartbeat?: (storedAt: number, sentAt: number, confirmedAt: number) => void;
}

/** A partition in our hands: the lease's sequence, and whether its work is being ended. */
interface Held {
  readonly sequence: number;
  readonly ending: boolean;
}

/**
 * Which partitions this process works on. All orchestrators see the same members and compute the same owners; a partition
 * changes hands by compare-and-set of its record: its owner gives it up when another should have it, and the heir
 * takes it when it is given up or its owner is dead.
 *
 * A lease is for speed only. Two that believe to own a partition are a waste of work and nothing else, for the expected
 * sequence of the log lets one of them win each place in a run's chain.
 */
export class Ownership {
  private readonly held = new Map<number, Held>();
  private readonly watch = new MemberWatch(3 * LOOK_MS);
  private lastBeat = -Infinity;
  private leaving = false;
  private looked = false;
  private troubled = false;
  private timer: NodeJS.Timeout | undefined;
  private turning: Promise<void> | undefined;

  constructor(private readonly options: OwnershipOptions) {}

  get member(): string {
    return this.options.member;
  }

  /** True once the bucket has been read and acted upon. */
  get isSettled(): boolean {
    return this.looked;
  }

  /** The partitions that are worked on now. */
  get partitions(): readonly number[] {
    return [...this.held].filter(([, { ending }]) => !ending).map(([partition]) => partition).sort((a, b) => a - b);
  }

  /** Looks again and again until {@link leave}. */
  start(): void {
    const next = (): void => {
      this.timer = setTimeout(() => {
        this.turning = this.turn().then(() => this.tell(undefined), (error: unknown) => this.tell(error)).then(next);
      }, this.looked ? LOOK_MS : 0);
    };
    next();
  }

  /** One look: renews the sign of life, judges who is there, and takes and gives up what follows. Throws when the bucket cannot be read. */
  async turn(): Promise<void> {
    if (this.leaving) return;
    const { store, member, monotonic } = this.options;
    const sentAt = monotonic();
    const beats = sentAt - this.lastBeat >= HEARTBEAT_MS;
    if (beats) {
      this.lastBeat = sentAt;
      await store.beat(member, false);
    }
    const confirmedAt = monotonic();
    const snapshot = await store.read();
    const own = snapshot.members.find((record) => record.member === member);
    if (beats && own !== undefined) this.options.onHeartbeat?.(own.storedAt, sentAt, confirmedAt);
    this.watch.note(snapshot.members, monotonic());
    const alive = await this.judge(snapshot);
    const candidates = [...alive].filter((name) => name === member || snapshot.members.some((record) => record.member === name && !record.leaving));
    const owners = assign(this.options.partitions, candidates);
    // A member that began to leave while it looked takes nothing any more.
    if (this.leaving) return;
    await Promise.all(owners.map((owner, partition) => this.settle(partition, owner, snapshot.leases.get(partition), alive)));
    this.looked = true;
  }

  /** Gives up everything, once its work is ended, and takes nothing any more; the heirs take over at once. */
  async leave(): Promise<void> {
    this.leaving = true;
    clearTimeout(this.timer);
    await this.turning?.catch(() => undefined);
    clearTimeout(this.timer);
    await this.options.store.beat(this.options.member, true).catch(() => undefined);
    await Promise.all([...this.held].map(([partition, { sequence, ending }]) => (ending ? undefined : this.giveUp(partition, sequence))));
  }

  /** Tells once of trouble and once of its end. */
  private tell(error: unknown): void {
    const { logger } = this.options;
    if (error !== undefined && !this.troubled) logger.warn({ err: error }, 'the leases cannot be read; what is owned is worked on');
    if (error === undefined && this.troubled) logger.info('the leases are read again');
    this.troubled = error !== undefined;
  }

  private async judge(snapshot: LeaseSnapshot): Promise<ReadonlySet<string>> {
    const { store, member, monotonic } = this.options;
    const now = monotonic();
    const alive = new Set([member]);
    await Promise.all(snapshot.members.map(async (record) => {
      const silent = this.watch.silentFor(record.member, now);
      if (silent >= LEASE_MS) return;
      const answered = silent < SUSPICION_MS || record.member === member || (await store.probe(record.member)) !== 'nobody';
      if (this.watch.countAnswer(record.member, answered) < UNANSWERED) alive.add(record.member);
    }));
    return alive;
  }

  private async settle(partition: number, owner: string, lease: LeaseRecord | undefined, alive: ReadonlySet<string>): Promise<void> {
    const { member, store } = this.options;
    const held = this.held.get(partition);
    if (held?.ending === true) return;
    if (held !== undefined) {
      // A replica may answer a read before it has what we wrote.
      if (lease !== undefined && lease.sequence < held.sequence && lease.owner !== member) return;
      if (lease !== undefined && lease.owner !== member) void this.end(partition, held.sequence, `${lease.owner ?? 'nobody'} has it`);
      else if (lease === undefined) await this.take(partition, 0);
      else if (owner !== member) void this.giveUp(partition, lease.sequence);
      return;
    }
    const ownedByAnother = lease?.owner !== undefined && lease.owner !== member && alive.has(lease.owner);
    if (owner === member && !ownedByAnother) await this.take(partition, lease?.sequence ?? 0);
    // Taken by an earlier look whose answer was lost, and meanwhile it should be somebody else's.
    else if (lease?.owner === member) await store.take(partition, undefined, lease.sequence);
  }

  private async take(partition: number, after: number): Promise<void> {
    const { member, store, logger, onGained } = this.options;
    const taken = await store.take(partition, member, after);
    if (taken.status !== 'set') return;
    const isNew = !this.held.has(partition);
    this.held.set(partition, { sequence: taken.sequence, ending: false });
    if (!isNew) return;
    logger.info({ partition, member }, 'a partition is taken');
    onGained(partition);
  }

  private async giveUp(partition: number, sequence: number): Promise<void> {
    await this.end(partition, sequence, 'another should have it');
    await this.options.store.take(partition, undefined, sequence).catch((error: unknown) => {
      this.options.logger.warn({ err: error, partition }, 'a partition could not be given up; its heir has to wait until we are silent');
    });
  }

  private async end(partition: number, sequence: number, reason: string): Promise<void> {
    this.held.set(partition, { sequence, ending: true });
    this.options.logger.info({ partition, member: this.options.member, reason }, 'a partition is let go');
    await this.options.onLost(partition).catch((error: unknown) => this.options.logger.error({ err: error, partition }, 'the work on a partition did not end cleanly'));
    this.held.delete(partition);
  }
}
