import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Bus } from '@holdfast/bus';
import { subjects, threadProjectionRequest, threadRequest, type ThreadAnswer, type ThreadProjectionAnswer } from '@holdfast/contracts';
import type { JetStreamEventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER } from '@holdfast/service';
import { CONNECTION } from '../tokens.js';
import { ThreadProjection } from './thread-projection.js';
import { ThreadStore } from './thread-store.js';

/** The log is looked at so long after a commit was heard, in milliseconds: under load many commits are one look. */
const LOOK_MS = 100;
/** What is heard may be lost, so the log is looked at now and then in any case. */
const SWEEP_MS = 2_000;

/** Threads on the bus: turns of one, and where the projection stands. */
@Module({
  providers: [
    { provide: ThreadStore, inject: [getDataSourceToken(CONNECTION)], useFactory: (dataSource: DataSource) => new ThreadStore(dataSource) },
    {
      provide: ThreadProjection, inject: [EVENT_LOG, ThreadStore, LOGGER],
      useFactory: (log: JetStreamEventLog, store: ThreadStore, logger: Logger) => new ThreadProjection({ log, store, onError: (error, partition) => logger.warn({ err: error, partition }, 'threads are not projected from this partition now') }),
    },
  ],
  exports: [ThreadProjection],
})
export class ThreadsModule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly endings: (() => void)[] = [];
  private soon: NodeJS.Timeout | undefined;

  constructor(@Inject(BUS) private readonly bus: Bus, @Inject(ThreadStore) private readonly store: ThreadStore, @Inject(ThreadProjection) private readonly projection: ThreadProjection) {}

  onApplicationBootstrap(): void {
    this.bus.serve(subjects.memoryThread(), threadRequest, ({ tenant, thread, offset }) => this.thread(tenant, thread, offset));
    this.bus.serve(subjects.memoryThreads(), threadProjectionRequest, ({ rebuild }) => this.standing(rebuild));
    const sweep = setInterval(() => this.projection.look(), SWEEP_MS);
    this.endings.push(this.bus.listen(subjects.committedAll(), () => this.lookSoon()), () => clearInterval(sweep), () => clearTimeout(this.soon));
    this.projection.look();
  }

  async onModuleDestroy(): Promise<void> {
    for (const end of this.endings) end();
    await this.projection.stop();
  }

  /** Whoever asks has mostly just been answered, and half a thread would be taken for the whole. */
  private async thread(tenant: string, thread: string, offset: number): Promise<ThreadAnswer> {
    await this.projection.caughtUp();
    const { total, turns } = await this.store.read(tenant, thread, offset);
    return { thread, total, turns: [...turns] };
  }

  private async standing(rebuild: boolean): Promise<ThreadProjectionAnswer> {
    if (rebuild) {
      await this.store.reset();
      this.projection.look();
    }
    // What is behind is counted first, so that a checksum is never of less than it says.
    const behind = await this.projection.behind();
    return { behind, ...(await this.store.checksum()) };
  }

  private lookSoon(): void {
    this.soon ??= setTimeout(() => {
      this.soon = undefined;
      this.projection.look();
    }, LOOK_MS);
  }
}
