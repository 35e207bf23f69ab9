import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Bus } from '@holdfast/bus';
import { erasureRequest, subjects } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { BUS, LOGGER } from '@holdfast/service';
import { ThreadProjection } from '../threads/thread-projection.js';
import { ThreadsModule } from '../threads/threads.module.js';
import { CONNECTION, READINGS } from '../tokens.js';
import { Erasures } from './erasures.js';
import { removeOutdated, type ScopeRetention } from './retention.js';

const RETENTIONS = Symbol('holdfast.memory.retentions');
/** An order is carried out when it is given; one that was given while this service was away, within so many milliseconds. */
const ERASE_MS = 10_000;
/** Documents are kept for days, so that an hour more matters little. */
const RETAIN_MS = 3_600_000;

/** Forgetting: orders to erase data subjects, and documents whose time is over. */
@Module({})
export class ForgettingModule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly intervals: NodeJS.Timeout[] = [];

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Erasures) private readonly erasures: Erasures,
    @Inject(getDataSourceToken(CONNECTION)) private readonly dataSource: DataSource,
    @Inject(RETENTIONS) private readonly retentions: readonly ScopeRetention[],
  ) {}

  /** `memory` is the module that projects who read what, as it is imported elsewhere: the same object is the same instance. */
  static register(memory: DynamicModule, retentions: readonly ScopeRetention[]): DynamicModule {
    return {
      module: ForgettingModule, imports: [memory, ThreadsModule],
      providers: [
        { provide: RETENTIONS, useValue: retentions },
        {
          provide: Erasures, inject: [BUS, getDataSourceToken(CONNECTION), READINGS, ThreadProjection],
          useFactory: (bus: Bus, dataSource: DataSource, readings: { caughtUp(): Promise<void> }, threads: ThreadProjection) =>
            new Erasures({ bus, dataSource, caughtUp: async () => void (await Promise.all([readings.caughtUp(), threads.caughtUp()])) }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.bus.serve(subjects.memoryErase(), erasureRequest, async ({ tenant, dataSubject }) => {
      await this.erasures.carryOut();
      return this.erasures.erased(tenant, dataSubject);
    });
    this.every(ERASE_MS, 'orders to erase somebody were not carried out now', () => this.erasures.carryOut());
    this.every(RETAIN_MS, 'documents whose time is over were not removed now', async () => {
      const removed = await removeOutdated(this.dataSource, this.retentions, Date.now());
      if (removed > 0) this.logger.info({ removed }, 'documents whose time is over were removed');
    });
  }

  onModuleDestroy(): void {
    for (const interval of this.intervals) clearInterval(interval);
  }

  private every(ms: number, failed: string, work: () => Promise<void>): void {
    const attempt = (): void => void work().catch((error: unknown) => this.logger.warn({ err: error }, failed));
    this.intervals.push(setInterval(attempt, ms));
    attempt();
  }
}
