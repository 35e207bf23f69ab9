import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedCommit } from '@holdfast/contracts';
import type { EventLog, LogSubscription } from '@holdfast/event-log';
import type { DataSource, EntityManager } from 'typeorm';
import { throughReconnects } from '../documents/reconnects.js';
import { PositionEntity } from './position.entity.js';

/** What a projection keeps of the log in Postgres. */
export interface LogProjection<Row> {
  /** Names its positions; another name reads the log from the beginning. */
  readonly name: string;
  /** What of a commit is kept; most have nothing. */
  rowsOf(commit: RecordedCommit['commit']): readonly Row[];
  /** Writes rows; the same rows may come twice. In one transaction with the positions. */
  store(manager: EntityManager, rows: readonly Row[]): Promise<void>;
}

export interface ProjectorMeans {
  readonly log: Pick<EventLog, 'partitions' | 'follow'>;
  readonly dataSource: DataSource;
  /** Told of every failed write; it is tried again until it succeeds. */
  readonly onError: (error: unknown) => void;
}

/** Commits that one transaction takes in at most. */
const BATCH = 1_000;
/** Milliseconds to wait after a write that failed for more than a lost connection. */
const AGAIN_MS = 1_000;

interface Pending<Row> {
  readonly partition: number;
  readonly sequence: number;
  readonly rows: readonly Row[];
}

/**
 * Brings what is in the log into Postgres, in the log's order, from where it stopped. Positions are written with the rows, so that a crash
 * repeats at most a batch; several processes may do the same at once, since rows are found to be there.
 */
export class LogProjector<Row> {
  private readonly pending: Pending<Row>[] = [];
  private writing: Promise<void> = Promise.resolve();
  private subscription: LogSubscription | undefined;
  private stopped = false;

  constructor(private readonly projection: LogProjection<Row>, private readonly means: ProjectorMeans) {}

  /** Begins where the last process of this projection stopped. Throws `memory.database-unavailable`. */
  async start(): Promise<void> {
    const { log, dataSource } = this.means;
    const known = await throughReconnects(() => dataSource.getRepository(PositionEntity).findBy({ projection: this.projection.name }));
    const from = Array.from({ length: log.partitions }, (_, partition) => 1 + Number(known.find((position) => position.partition === partition)?.sequence ?? 0));
    this.subscription = log.follow(from, ({ commit, sequence }, partition) => this.take({ partition, sequence, rows: this.projection.rowsOf(commit) }));
  }

  /** Resolves when everything that is in the log now is in Postgres. */
  async caughtUp(): Promise<void> {
    await this.subscription?.caughtUp();
    await this.writing;
  }

  /** Ends when the write in hand is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.subscription?.stop();
    await this.writing;
  }

  private take(pending: Pending<Row>): void {
    this.pending.push(pending);
    if (this.pending.length === 1) this.writing = this.writing.then(() => this.writeAll());
  }

  private async writeAll(): Promise<void> {
    while (this.pending.length > 0 && !this.stopped) {
      const batch = this.pending.slice(0, BATCH);
      try {
        await throughReconnects(() => this.means.dataSource.transaction((manager) => this.write(manager, batch)));
        this.pending.splice(0, batch.length);
      } catch (error) {
        this.means.onError(error);
        await sleep(AGAIN_MS);
      }
    }
  }

  private async write(manager: EntityManager, batch: readonly Pending<Row>[]): Promise<void> {
    const rows = batch.flatMap((pending) => pending.rows);
    if (rows.length > 0) await this.projection.store(manager, rows);
    const reached = new Map(batch.map(({ partition, sequence }) => [partition, sequence]));
    for (const [partition, sequence] of reached) {
      // Another process may be further already, and what it has read need not be read again.
      await manager.query(
        `INSERT INTO memory_projection_position AS known (projection, partition, sequence) VALUES ($1, $2, $3)
         ON CONFLICT (projection, partition) DO UPDATE SET sequence = GREATEST(known.sequence, EXCLUDED.sequence)`,
        [this.projection.name, partition, sequence],
      );
    }
  }
}
