import { getBooleanFromEnv, getStringFromEnv } from '@opentelemetry/core';
import { badVariable, readExportSettings, readPositive, type ExportSettings } from '../export/settings.js';

/** What the standard environment variables of OpenTelemetry say about traces; times in milliseconds. */
export interface TraceSettings extends ExportSettings {
  /** The share of traces that is kept, from 0 to 1; decided by trace id. */
  readonly ratio: number;
  /** Whether prompts, arguments and results may leave the process in spans. */
  readonly captureContent: boolean;
  readonly scheduleDelay: number;
  readonly maximumQueuedSpans: number;
  readonly maximumBatchSpans: number;
}

/**
 * Reads what {@link readExportSettings} reads, `OTEL_TRACES_SAMPLER` with `OTEL_TRACES_SAMPLER_ARG`, `OTEL_BSP_*` and
 * `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`.
 *
 * @throws HoldfastError `telemetry.configuration` when a variable has a value that cannot be followed.
 */
export function readTraceSettings(): TraceSettings {
  const settings = readExportSettings('TRACES');
  return {
    ...settings,
    ratio: settings.enabled ? readRatio() : 0,
    captureContent: getBooleanFromEnv('OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT') === true,
    scheduleDelay: readPositive('OTEL_BSP_SCHEDULE_DELAY', 1_000),
    maximumQueuedSpans: readPositive('OTEL_BSP_MAX_QUEUE_SIZE', 8_192),
    maximumBatchSpans: readPositive('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512),
  };
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
