import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { HoldfastError, type Role } from '@holdfast/contracts';
import { createLogger, startMetrics, startTelemetry, type Logger } from '@holdfast/observability';
import { ServiceModule } from './service.module.js';
import { readSettings, type CommonSettings } from './settings.js';

/** Exit code for settings that cannot be followed (EX_CONFIG of sysexits.h): starting again will not help. */
const EXIT_CONFIGURATION = 78;
/** What an operator has written and has to correct: settings, the catalogue, contract and agent files, overlays, what tools are made of. */
const CONFIGURATION = /^(settings|catalog|contracts|agents|overlay|openapi|mcp|workspace|tool)\./;

export interface ServiceDefinition<T extends CommonSettings> {
  readonly name: string;
  readonly role: Role;
  readonly settings: z.ZodType<T>;
  /** The service's own module, made from its checked settings. */
  readonly module: (settings: T, logger: Logger) => Type | DynamicModule;
  /** What the HTTP server has to know from its beginning. */
  readonly http?: (settings: T) => ConstructorParameters<typeof FastifyAdapter>[0];
  /** Called before listening, for what belongs to the HTTP adapter only. */
  readonly prepare?: (app: NestFastifyApplication, settings: T) => void | Promise<void>;
}

@Module({})
class RootModule {}

/** Longer than the grace of any component, shorter than what orchestrators of containers wait (30 s). */
const SHUTDOWN_LIMIT_MS = 20_000;

/**
 * Ends the process with code 0 once everything is closed, or with 1 when that takes too long. Nest's own hooks would
 * raise the signal again, and whoever watches could not tell a finished shutdown from a broken one.
 */
function stopOnSignal(app: NestFastifyApplication, logger: Logger): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), SHUTDOWN_LIMIT_MS).unref();
    try {
      await app.close();
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'the shutdown failed');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}

/**
 * Starts a service: reads its settings, connects, listens and prints `{"listening": port}` as a log line. SIGTERM and
 * SIGINT end it gracefully. A failure to start is one clear log line and exit code 78 (configuration) or 1.
 */
export async function runService<T extends CommonSettings>(definition: ServiceDefinition<T>): Promise<void> {
  let logger = createLogger({ service: definition.name, level: 'info' });
  try {
    const settings = readSettings(definition.settings, process.env);
    logger = createLogger({ service: definition.name, level: settings.LOG_LEVEL });
    const { HOLDFAST_METRICS_HOST: host, HOLDFAST_METRICS_PORT: port } = settings;
    const description = { service: definition.name, version: '0.1.0', environment: settings.HOLDFAST_ENVIRONMENT };
    const tell = (what: string) => (error: Error | undefined) => (error === undefined ? logger.info(`${what} are delivered again`) : logger.warn({ err: error }, `${what} are not delivered`));
    const telemetry = startTelemetry({ ...description, onAvailability: tell('traces') });
    const metrics = await startMetrics({ ...description, onAvailability: tell('metrics'), scrape: port === undefined ? undefined : { host, port } });
    if (metrics.scrapeUrl !== undefined) logger.info({ metrics: metrics.scrapeUrl }, 'metrics are served');
    const root: DynamicModule = { module: RootModule, imports: [ServiceModule.register({ name: definition.name, role: definition.role, settings, logger, telemetry, metrics }), definition.module(settings, logger)] };
    const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(definition.http?.(settings) ?? { bodyLimit: 1_048_576 }), { logger: false, abortOnError: false });
    stopOnSignal(app, logger);
    await definition.prepare?.(app, settings);
    await app.listen(settings.PORT, settings.HOST);
    const address = app.getHttpServer().address() as { port: number };
    logger.info({ listening: address.port }, `${definition.name} is listening`);
  } catch (error) {
    const shape = error instanceof HoldfastError ? error.toJSON() : undefined;
    logger.fatal({ err: error }, shape === undefined ? `${definition.name} could not start` : `${shape.message} ${shape.remedy}`);
    // Standard output is flushed before the process ends, so that the reason is not lost.
    process.exitCode = shape !== undefined && CONFIGURATION.test(shape.code) ? EXIT_CONFIGURATION : 1;
    setTimeout(() => process.exit(), 100);
  }
}
