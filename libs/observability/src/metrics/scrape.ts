import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError } from '@holdfast/contracts';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import type { MetricReader } from '@opentelemetry/sdk-metrics';

export interface ScrapeAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ScrapeEndpoint {
  readonly reader: MetricReader;
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Serves all metrics at `GET /metrics` in Prometheus' text format, on a port of its own: whoever may read metrics need not
 * reach anything else. The exporter's own server cannot take a free port.
 *
 * @throws HoldfastError `telemetry.port-unavailable` when nobody can listen there.
 */
export async function startScrapeEndpoint({ host, port }: ScrapeAddress): Promise<ScrapeEndpoint> {
  const reader = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true });
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/metrics') return reader.getMetricsRequestHandler(request, response);
    response.writeHead(404).end();
  });
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw new HoldfastError({ code: 'telemetry.port-unavailable', message: `Metrics cannot be served on ${host}, port ${port}: ${String(cause)}`, retryable: true, remedy: 'Free the port, or set HOLDFAST_METRICS_PORT to another one.', cause });
  }
  // Metrics alone are no reason for a process to live on.
  server.unref();
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    reader,
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
