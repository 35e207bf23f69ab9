import { HoldfastError } from '@holdfast/contracts';
import { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';

export type Signal = 'TRACES' | 'METRICS';

/** What the standard environment variables of OpenTelemetry say about sending one signal by OTLP. */
export interface ExportSettings {
  /** False without an endpoint, with `OTEL_SDK_DISABLED=true` or with `OTEL_<signal>_EXPORTER=none`. */
  readonly enabled: boolean;
  /** How long one export may take with its retries, in milliseconds; undefined where the exporter reads it from the environment itself. */
  readonly exportTimeout: number | undefined;
}

/**
 * The exporter's own default is ten seconds, and its retries keep the process alive that long after a shutdown against an
 * unreachable endpoint. A killed service must be back within a second, so an unanswered export must not hold it up.
 */
const DEFAULT_EXPORT_TIMEOUT = 3_000;

/**
 * Reads `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_<signal>_ENDPOINT`, `OTEL_SDK_DISABLED` and `OTEL_<signal>_EXPORTER`. Headers,
 * compression, certificates and time-outs (`OTEL_EXPORTER_OTLP_*`) are read by the exporter.
 *
 * @throws HoldfastError `telemetry.configuration` when a variable has a value that cannot be followed.
 */
export function readExportSettings(signal: Signal): ExportSettings {
  const endpoints = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'].filter((name) => getStringFromEnv(name) !== undefined);
  const enabled = endpoints.length > 0 && getBooleanFromEnv('OTEL_SDK_DISABLED') !== true && getStringFromEnv(`OTEL_${signal}_EXPORTER`) !== 'none';
  if (enabled) for (const name of endpoints) requireHttpUrl(name);
  const protocol = getStringFromEnv(`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) ?? getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (enabled && protocol === 'grpc') throw badVariable('OTEL_EXPORTER_OTLP_PROTOCOL', protocol, 'Use http/json and the collector\'s HTTP port, 4318 by default.');
  const timeoutIsSet = getNumberFromEnv(`OTEL_EXPORTER_OTLP_${signal}_TIMEOUT`) ?? getNumberFromEnv('OTEL_EXPORTER_OTLP_TIMEOUT');
  return { enabled, exportTimeout: timeoutIsSet === undefined ? DEFAULT_EXPORT_TIMEOUT : undefined };
}

function requireHttpUrl(name: string): void {
  const value = getStringFromEnv(name) ?? '';
  // Without this check the exporter would fall back to localhost in silence.
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol !== 'http:' && protocol !== 'https:') throw badVariable(name, value, 'Give an http or https URL, or unset it.');
}

/** A number above 0 from the environment. */
export function readPositive(name: string, otherwise: number): number {
  const value = getNumberFromEnv(name);
  if (value === undefined) return otherwise;
  if (!(value > 0)) throw badVariable(name, String(value), 'Give a number above 0, or unset it.');
  return value;
}

export function badVariable(name: string, value: string, remedy: string): HoldfastError {
  // A URL may carry a password, which has no place in an error that is logged.
  const shown = value.replace(/\/\/[^/@]*@/, '//[redacted]@');
  return new HoldfastError({ code: 'telemetry.configuration', message: `The environment variable ${name} has the unusable value "${shown}".`, retryable: false, remedy });
}
