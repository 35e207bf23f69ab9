import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { resourceOf, type ServiceDescription } from '../export/resource.js';
import { within } from '../export/within.js';
import { noMetrics, type Metrics } from './definition.js';
import { instrumentsOf } from './instruments.js';
import { otlpReader } from './push.js';
import { startScrapeEndpoint, type ScrapeAddress } from './scrape.js';

export interface MetricsOptions extends ServiceDescription {
  /** Where Prometheus may read them; nowhere when left out. */
  readonly scrape?: ScrapeAddress | undefined;
  /** How long {@link RunningMetrics.shutdown} may take, in milliseconds; default 2,000. */
  readonly patience?: number;
  /** Told once when the OTLP endpoint stops answering and once when it answers again; for a log line. */
  readonly onAvailability?: (error: Error | undefined) => void;
}

export interface RunningMetrics extends Metrics {
  /** Where Prometheus reads, with the port that was taken. */
  readonly scrapeUrl: string | undefined;
  /** Sends what it can within the patience and stops. Never rejects; calling it again does nothing more. */
  shutdown(): Promise<void>;
}

const METER_NAME = 'holdfast';

/**
 * Starts metrics for a service: by OTLP where an endpoint is configured as for traces (`OTEL_EXPORTER_OTLP_ENDPOINT`, or
 * `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`), to Prometheus where an address is given, or both. Without either nothing is measured.
 * An endpoint that does not answer never blocks or fails the service. Each service of a process has its own.
 *
 * @throws HoldfastError `telemetry.configuration` when an environment variable cannot be followed, and
 * `telemetry.port-unavailable` when nobody can listen on the address.
 */
export async function startMetrics(options: MetricsOptions): Promise<RunningMetrics> {
  const pushing = otlpReader(options.onAvailability ?? (() => undefined));
  const scraped = options.scrape === undefined ? undefined : await startScrapeEndpoint(options.scrape);
  const readers = [pushing, scraped?.reader].filter((reader) => reader !== undefined);
  if (readers.length === 0) return { ...noMetrics, scrapeUrl: undefined, shutdown: async () => undefined };
  const provider = new MeterProvider({ resource: resourceOf(options), readers });
  let stopping: Promise<unknown> | undefined;
  return {
    ...instrumentsOf(provider.getMeter(METER_NAME, options.version)),
    scrapeUrl: scraped?.url,
    shutdown: async () => {
      stopping ??= within(options.patience ?? 2_000, Promise.all([provider.shutdown(), scraped?.stop()]));
      await stopping;
    },
  };
}
