import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Bus } from '@holdfast/bus';
import { BusDataKeyStore, DataKeys, MasterKeys } from '@holdfast/data-keys';
import { JetStreamEventLog } from '@holdfast/event-log';
import type { Role } from '@holdfast/contracts';
import type { Logger, RunningMetrics, Telemetry } from '@holdfast/observability';
import { HealthController, Readiness } from './health.js';
import { checkInstallation, tellDurability } from './installation.js';
import { readSecret, type CommonSettings } from './settings.js';
import { BUS, DATA_KEYS, EVENT_LOG, LOGGER, METRICS, SETTINGS, TELEMETRY } from './tokens.js';

export interface ServiceOptions<T extends CommonSettings> {
  readonly name: string;
  readonly role: Role;
  readonly settings: T;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly metrics: RunningMetrics;
}

/** Connection, log, readiness, telemetry and metrics for one service, available everywhere in it. */
@Global()
@Module({})
export class ServiceModule implements OnApplicationShutdown {
  constructor(@Inject(BUS) private readonly bus: Bus, @Inject(TELEMETRY) private readonly telemetry: Telemetry, @Inject(METRICS) private readonly metrics: RunningMetrics) {}

  static register<T extends CommonSettings>(options: ServiceOptions<T>): DynamicModule {
    const { settings } = options;
    // Before anything is connected: a file that is named and cannot be used stops the start.
    const masters = settings.HOLDFAST_MASTER_KEY_FILE === undefined ? undefined : MasterKeys.fromFile(settings.HOLDFAST_MASTER_KEY_FILE);
    return {
      module: ServiceModule,
      controllers: [HealthController],
      providers: [
        { provide: SETTINGS, useValue: settings },
        { provide: LOGGER, useValue: options.logger },
        { provide: TELEMETRY, useValue: options.telemetry },
        { provide: METRICS, useValue: options.metrics },
        {
          provide: BUS,
          useFactory: async () => {
            const bus = await Bus.connect({
              url: settings.NATS_URL, role: options.role, name: options.name, seed: readSecret(settings.HOLDFAST_NATS_SEED, settings.HOLDFAST_NATS_SEED_FILE, 'HOLDFAST_NATS_SEED'),
              onUnexpected: (error, subject) => options.logger.error({ err: error, subject }, 'an unexpected error on the bus'),
            });
            await checkInstallation(bus, settings.HOLDFAST_PARTITIONS, options.logger).catch(async (error: unknown) => {
              await bus.close();
              throw error;
            });
            void tellDurability(bus, options.logger);
            return bus;
          },
        },
        { provide: DATA_KEYS, inject: [BUS], useFactory: (bus: Bus) => new DataKeys(new BusDataKeyStore(bus), masters) },
        { provide: EVENT_LOG, inject: [BUS, DATA_KEYS], useFactory: (bus: Bus, keys: DataKeys) => new JetStreamEventLog(bus, settings.HOLDFAST_PARTITIONS, (error) => options.logger.error({ err: error }, 'a commit cannot be read; its run is left out'), {}, keys) },
        {
          provide: Readiness,
          inject: [BUS],
          useFactory: (bus: Bus) => {
            const readiness = new Readiness();
            readiness.add('broker', () => bus.isReady());
            return readiness;
          },
        },
      ],
      exports: [SETTINGS, LOGGER, TELEMETRY, METRICS, BUS, DATA_KEYS, EVENT_LOG, Readiness],
    };
  }

  /** Work in hand is finished before the connection is closed, and spans and metrics go out last. */
  async onApplicationShutdown(): Promise<void> {
    await this.bus.close();
    await Promise.all([this.telemetry.shutdown(), this.metrics.shutdown()]);
  }
}
