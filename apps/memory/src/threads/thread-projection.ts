import type { EventLog, StoredLog } from '@holdfast/event-log';
import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';
import type { Position, ThreadStore } from './thread-store.js';
import { turnsIn } from './turns-in.js';

/** Commits of one step; a crash has at most so many to read again. */
const BATCH = 500;
/** A position is written after so many commits of which none spoke of a thread; reading them again costs little. */
const UNWRITTEN = 2_000;

export interface ThreadProjectionOptions {
  readonly log: Pick<EventLog & StoredLog, 'partitions' | 'readPartition' | 'lastStored'>;
  readonly store: ThreadStore;
  /** Told of each partition that cannot be followed now; it is tried again when it is next looked at. */
  readonly onError: (error: unknown, partition: number) => void;
}

/**
 * Follows the log and keeps the threads in Postgres. Where it stands is written in the same transaction as what it found, and only
 * by whoever stood there before: several instances take turns, and whatever dies anywhere, no commit is left out or counted twice.
 */
export class ThreadProjection {
  private readonly running: (Promise<void> | undefined)[];
  /** Commits that were read after the written position and said nothing of threads. */
  private readonly read: (Position | undefined)[];
  private stopped = false;

  constructor(private readonly options: ThreadProjectionOptions) {
    this.running = Array.from({ length: options.log.partitions }, () => undefined);
    this.read = Array.from({ length: options.log.partitions }, () => undefined);
  }

  /** Looks for what is new; never throws. */
  look(): void {
    this.running.forEach((_, partition) => void this.pass(partition).catch((error: unknown) => this.options.onError(error, partition)));
  }

  /**
   * Resolves when everything that was in the log at the time of the call is projected. Throws `log.unavailable` and
   * `memory.database-unavailable` and `memory.log-behind` (retryable), and `memory.log-changed` (not retryable).
   */
  async caughtUp(): Promise<void> {
    // A pass that has begun may have looked before the call.
    await Promise.all(this.running.map((running, partition) => (running ?? Promise.resolve()).catch(() => undefined).then(() => this.pass(partition))));
  }

  /** Commits that are in the log and not projected yet. */
  async behind(): Promise<number> {
    const { log, store } = this.options;
    const missing = await Promise.all(this.running.map(async (_, partition) => {
      const [last, written] = [await log.lastStored(partition), await store.position(partition)];
      return Math.max(0, last - this.standing(partition, written).sequence);
    }));
    return missing.reduce((sum, one) => sum + one, 0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.running);
  }

  private pass(partition: number): Promise<void> {
    const running = this.running[partition];
    if (running !== undefined) return running;
    const pass = this.project(partition).finally(() => { this.running[partition] = undefined; });
    this.running[partition] = pass;
    return pass;
  }

  private async project(partition: number): Promise<void> {
    const { log, store } = this.options;
    while (!this.stopped) {
      const written = await store.position(partition);
      const from = this.standing(partition, written);
      const commits = await log.readPartition(partition, Math.max(1, from.sequence), BATCH + 1);
      const fresh = after(partition, from, commits);
      const last = fresh.at(-1);
      if (last === undefined) return;
      const to: Position = { sequence: last.sequence, hash: last.commit.hash, generation: from.generation };
      const turns = turnsIn(fresh);
      const says = turns.begun.length + turns.ended.length + turns.subjects.length > 0;
      if (!says && to.sequence - written.sequence < UNWRITTEN) this.read[partition] = to;
      else if (await store.advance(partition, written, to, turns)) this.read[partition] = undefined;
      // Somebody else was here meanwhile: what is written now says how far.
      else continue;
      if (commits.length <= BATCH) return;
    }
  }

  /** What has been read beyond the written position counts unless that was set back, or is further by now. */
  private standing(partition: number, written: Position): Position {
    const read = this.read[partition];
    return read !== undefined && read.generation === written.generation && read.sequence > written.sequence ? read : written;
  }
}

/** The commits after a position. The commit that was last projected is read with them: where it is another, so is the log. */
function after(partition: number, { sequence, hash }: Position, commits: readonly RecordedCommit[]): readonly RecordedCommit[] {
  if (sequence === 0) return commits;
  const [known, ...fresh] = commits;
  if (known?.sequence === sequence && known.commit.hash === hash) return fresh;
  if (known === undefined) throw new HoldfastError({ code: 'memory.log-behind', message: `Partition ${partition} ends before commit ${sequence}, up to which threads were projected.`, retryable: true, remedy: 'A replica that is behind answers better a moment later. If it lasts, the log has lost commits: run "holdfast memory rebuild".' });
  throw new HoldfastError({
    code: 'memory.log-changed', message: `The commit ${sequence} of partition ${partition}, up to which threads were projected, is not in the log any more.`, retryable: false,
    remedy: 'The log was restored or replaced. Run "holdfast memory rebuild": threads are made again from the log as it is.',
  });
}
