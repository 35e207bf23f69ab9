export { HealthController, Readiness } from './health.js';
export { runService, type ServiceDefinition } from './run-service.js';
export { ServiceModule, type ServiceOptions } from './service.module.js';
export { commonSettings, fileSetting, readCatalog, readSecret, readSettings, type CommonSettings } from './settings.js';
export { BUS, DATA_KEYS, EVENT_LOG, LOGGER, METRICS, SETTINGS, TELEMETRY } from './tokens.js';
