import { HoldfastError } from '@holdfast/contracts';
import { getBooleanFromEnv, getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core';

/** What the standard environment variables of OpenTelemetry say; times in milliseconds. */
export interface TraceSettings {
  /** False without an endpoint, with `OTEL_SDK_DISABLED=true` or with `OTEL_TRACES_EXPORTER=none`. */
  readonly enabled: boolean;
  /** The share of traces that is kept, from 0 to 1; decided by trace id. */
  readonly ratio: number;
  /** Whether prompts, arguments and results may leave the process in spans. */
  readonly captureContent: boolean;
  readonly scheduleDelay: number;
  readonly maximumQueuedSpans: number;
  readonly maximumBatchSpans: number;
  /** How long one export may take with its retries; undefined where the exporter reads it from the environment itself. */
  readonly exportTimeout: number | undefined;
}

/**
 * The exporter's own default is ten seconds, and its retries keep the process alive that long after a shutdown against an
 * unreachable endpoint. A killed service must be back within a second, so an unanswered export must not hold it up.
 */
const DEFAULT_EXPORT_TIMEOUT = 3_000;

/**
 * Reads `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER`,
 * `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`, `OTEL_BSP_*` and
 * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`. Headers, compression, certificates and time-outs
 * (`OTEL_EXPORTER_OTLP_*`) are read by the exporter.
 *
 * @throws HoldfastError `telemetry.configuration` when a variable has a value that cannot be followed.
 */
export function readTraceSettings(): TraceSettings {
  const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].filter((name) => getStringFromEnv(name) !== undefined);
  const enabled = endpoints.length > 0 && getBooleanFromEnv('OTEL_SDK_DISABLED') !== true && getStringFromEnv('OTEL_TRACES_EXPORTER') !== 'none';
  if (enabled) for (const name of endpoints) requireHttpUrl(name);
  const protocol = getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL');
  if (enabled && protocol === 'grpc') throw badVariable('OTEL_EXPORTER_OTLP_PROTOCOL', protocol, 'Use http/json and the collector\'s HTTP port, 4318 by default.');
  const timeoutIsSet = getNumberFromEnv('OTEL_EXPORTER_OTLP_TRACES_TIMEOUT') ?? getNumberFromEnv('OTEL_EXPORTER_OTLP_TIMEOUT');
  return {
    enabled,
    ratio: enabled ? readRatio() : 0,
    captureContent: getBooleanFromEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT') === true,
    scheduleDelay: readPositive('OTEL_BSP_SCHEDULE_DELAY', 1_000),
    maximumQueuedSpans: readPositive('OTEL_BSP_MAX_QUEUE_SIZE', 8_192),
    maximumBatchSpans: readPositive('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
    exportTimeout: timeoutIsSet === undefined ? DEFAULT_EXPORT_TIMEOUT : undefined,
  };
}

function requireHttpUrl(name: string): void {
  const value = getStringFromEnv(name) ?? '';
  // Without this check the exporter would fall back to localhost in silence.
  const protocol = URL.canParse(value) ? new URL(value).protocol : undefined;
  if (protocol !== 'http:' && protocol !== 'https:') throw badVariable(name, value, 'Give an http or https URL, or unset it.');
}

/** `parentbased_*` and plain samplers mean the same here, because every process decides by the same trace id. */
function readRatio(): number {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  switch (name.replace(/^parentbased_/, '')) {
    case 'always_on': return 1;
    case 'always_off': return 0;
    case 'traceidratio': {
      const argument = getStringFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? '1';
      const ratio = Number(argument);
      if (!(ratio >= 0 && ratio <= 1)) throw badVariable('OTEL_TRACES_SAMPLER_ARG', argument, 'Give a number from 0 to 1.');
      return ratio;
    }
    default: throw badVariable('OTEL_TRACES_SAMPLER', name, 'Use always_on, always_off or traceidratio, each also with parentbased_ before it.');
  }
}

function readPositive(name: string, otherwise: number): number {
  const value = getNumberFromEnv(name);
  if (value === undefined) return otherwise;
  if (!(value > 0)) throw badVariable(name, String(value), 'Give a number above 0, or unset it.');
  return value;
}

function badVariable(name: string, value: string, remedy: string): HoldfastError {
  // A URL may carry a password, which has no place in an error that is logged.
  const shown = value.replace(/\/\/[^/@]*@/, '//[redacted]@');
  return new HoldfastError({ code: 'telemetry.configuration', message: `The environment variable ${name} has the unusable value "${shown}".`, retryable: false, remedy });
}
