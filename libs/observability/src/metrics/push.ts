import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { ExportResultCode } from '@opentelemetry/core';
import { PeriodicExportingMetricReader, type MetricReader } from '@opentelemetry/sdk-metrics';
import { readExportSettings, readPositive } from '../export/settings.js';

/**
 * Sends all metrics by OTLP every `OTEL_METRIC_EXPORT_INTERVAL` milliseconds (60,000 when left out), and once more at shutdown; undefined
 * where no endpoint is configured. `onAvailability` is told once when exports begin to fail and once when they work again.
 *
 * @throws HoldfastError `telemetry.configuration` when an environment variable cannot be followed.
 */
export function otlpReader(onAvailability: (error: Error | undefined) => void): MetricReader | undefined {
  const { enabled, exportTimeout } = readExportSettings('METRICS');
  if (!enabled) return undefined;
  const interval = readPositive('OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  const timeout = readPositive('OTEL_METRIC_EXPORT_TIMEOUT', 30_000);
  const exporter = new OTLPMetricExporter(exportTimeout === undefined ? {} : { timeoutMillis: exportTimeout });
  tellChanges(exporter, onAvailability);
  return new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: interval, exportTimeoutMillis: Math.min(timeout, interval) });
}

/** The reader tells nobody of a failure but a logger of the SDK, which Holdfast has none of. */
function tellChanges(exporter: OTLPMetricExporter, onAvailability: (error: Error | undefined) => void): void {
  const send = exporter.export.bind(exporter);
  let failing = false;
  exporter.export = (metrics, done) => send(metrics, (result) => {
    const failed = result.code !== ExportResultCode.SUCCESS;
    if (failed !== failing) onAvailability(failed ? result.error ?? new Error('The metrics could not be sent.') : undefined);
    failing = failed;
    done(result);
  });
}
