import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { HoldfastError, type Role } from '@holdfast/contracts';
import { createLogger, startTelemetry, type Logger } from '@holdfast/observability';
import { ServiceModule } from './service.module.js';
import { readSettings, type CommonSettings } from './settings.js';

/** Exit code for settings that cannot be followed (EX_CONFIG of sysexits.h): starting again will not help. */
const EXIT_CONFIGURATION = 78;

export interface ServiceDefinition<T extends CommonSettings> {
  readonly name: string;
  readonly role: Role;
  readonly settings: z.ZodType<T>;
  /** The service's own module, made from its checked settings. */
  readonly module: (settings: T, logger: Logger) => Type | DynamicModule;
  /** Called before listening, for what belongs to the HTTP adapter only. */
  readonly prepare?: (app: NestFastifyApplication, settings: T) => void | Promise<void>;
}

@Module({})
class RootModule {}

/**
 * Starts a service: reads its settings, connects, listens and prints `{"listening": port}` as a log line. SIGTERM and
 * SIGINT end it gracefully. A failure to start is one clear log line and exit code 78 (settings) or 1.
 */
export async function runService<T extends CommonSettings>(definition: ServiceDefinition<T>): Promise<void> {
  let logger = createLogger({ service: definition.name, level: 'info' });
  try {
    const settings = readSettings(definition.settings, process.env);
    logger = createLogger({ service: definition.name, level: settings.LOG_LEVEL });
    const telemetry = startTelemetry({
      service: definition.name, version: '0.1.0', environment: settings.HOLDFAST_ENVIRONMENT,
      onAvailability: (error) => (error === undefined ? logger.info('traces are delivered again') : logger.warn({ err: error }, 'traces are not delivered')),
    });
    const root: DynamicModule = { module: RootModule, imports: [ServiceModule.register({ name: definition.name, role: definition.role, settings, logger, telemetry }), definition.module(settings, logger)] };
    const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter({ bodyLimit: 1_048_576 }), { logger: false, abortOnError: false });
    app.enableShutdownHooks();
    await definition.prepare?.(app, settings);
    await app.listen(settings.PORT, settings.HOST);
    const address = app.getHttpServer().address() as { port: number };
    logger.info({ listening: address.port }, `${definition.name} is listening`);
  } catch (error) {
    const shape = error instanceof HoldfastError ? error.toJSON() : undefined;
    logger.fatal({ err: error, ...shape }, shape === undefined ? `${definition.name} could not start` : `${shape.message} ${shape.remedy}`);
    // Standard output is flushed before the process ends, so that the reason is not lost.
    process.exitCode = shape?.code.startsWith('settings.') || shape?.code.startsWith('catalog.') ? EXIT_CONFIGURATION : 1;
    setTimeout(() => process.exit(), 100);
  }
}
