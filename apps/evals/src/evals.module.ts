import { Inject, Module, type DynamicModule, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CanaryBook } from '@holdfast/agent-registry';
import type { Bus } from '@holdfast/bus';
import { HoldfastError } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { BUS, EVENT_LOG, LOGGER, readSecret } from '@holdfast/service';
import { API_KEY } from './api/api-key.guard.js';
import { SUITES_FOLDER, SuitesController } from './api/suites.controller.js';
import { CanaryJudge } from './canaries/canary-judge.js';
import { ControlClient } from './outside/control.js';
import { FaultProxyClient } from './outside/fault-proxy.js';
import { GatewayClient } from './outside/gateway.js';
import { SuiteRunner } from './runner/suite-runner.js';
import type { EvalsSettings } from './settings.js';

/** Runs suites against live services, and compares versions on trial; it judges both by the log alone. */
@Module({})
export class EvalsModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(SuiteRunner) private readonly runner: SuiteRunner, @Inject(CanaryJudge) private readonly judge: CanaryJudge, @Inject(CanaryBook) private readonly canaries: CanaryBook) {}

  static register(settings: EvalsSettings): DynamicModule {
    const key = readSecret(settings.HOLDFAST_API_KEY, settings.HOLDFAST_API_KEY_FILE, 'HOLDFAST_API_KEY');
    // An empty key would let everybody in.
    if (key === undefined || key.length < 16) throw new HoldfastError({ code: 'settings.invalid', message: 'HOLDFAST_API_KEY has fewer than 16 characters.', retryable: false, remedy: 'Set it to a key of the gateway.' });
    const { HOLDFAST_CONTROL_URL: controlUrl, HOLDFAST_CONTROL_TOKEN: controlToken, HOLDFAST_FAULT_PROXY_URL: proxyUrl, HOLDFAST_FAULT_PROXY_TOKEN: proxyToken } = settings;
    return {
      module: EvalsModule,
      controllers: [SuitesController],
      providers: [
        { provide: SUITES_FOLDER, useValue: settings.HOLDFAST_SUITES_FOLDER },
        { provide: API_KEY, useValue: key },
        { provide: CanaryBook, inject: [BUS, LOGGER], useFactory: (bus: Bus, logger: Logger) => CanaryBook.open({ bus, onError: (error, what) => logger.warn({ err: error }, what) }) },
        { provide: CanaryJudge, inject: [CanaryBook, EVENT_LOG, LOGGER], useFactory: (book: CanaryBook, log: EventLog, logger: Logger) => new CanaryJudge(book, log, logger) },
        {
          provide: SuiteRunner,
          inject: [BUS, EVENT_LOG],
          useFactory: (bus: Bus, log: EventLog) => new SuiteRunner({
            tenant: settings.HOLDFAST_TENANT, log, listen: (subject, handler) => bus.listen(subject, handler),
            gateway: new GatewayClient(settings.HOLDFAST_GATEWAY_URL, key, settings.HOLDFAST_APPROVER_KEY),
            control: controlUrl === undefined || controlToken === undefined ? undefined : new ControlClient(controlUrl, controlToken),
            proxy: proxyUrl === undefined || proxyToken === undefined ? undefined : new FaultProxyClient(proxyUrl, proxyToken),
            environment: process.env,
          }),
        },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.judge.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.judge.stop();
    this.canaries.close();
    await this.runner.stop();
  }
}
