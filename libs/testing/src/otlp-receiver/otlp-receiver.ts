import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMetrics, type ReceivedPoint } from './decode-metrics.js';
import { decodeTraces, type ReceivedSpan } from './decode-traces.js';

/** A running receiver. */
export interface OtlpReceiver {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** Every span as it arrived, repetitions included. */
  spans(): readonly ReceivedSpan[];
  /** Every point of a metric as it arrived, also those that were said before. */
  points(): readonly ReceivedPoint[];
  /** Requests that were taken or refused so far. */
  requests(): number;
  /** Answers the next `count` requests with this HTTP status and keeps nothing of them. */
  refuseNext(count: number, status: number): void;
  /** Resolves as soon as the spans satisfy the condition; the test's own time limit bounds it. */
  until(condition: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Far more than an exporter sends at once; a runaway test must not fill the memory. */
const MAXIMUM_BODY_BYTES = 64 * 1024 * 1024;

/**
 * Starts a receiver for traces and metrics over OTLP/HTTP in its JSON form (OpenTelemetry Protocol 1.x, `POST /v1/traces` and `/v1/metrics`), plain or
 * gzip, on a free port of the loopback interface. The form that the project's exporter sends; protobuf is refused with 415.
 */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const received: ReceivedSpan[] = [];
  const points: ReceivedPoint[] = [];
  const waiting = new Set<() => void>();
  let requests = 0;
  let refusals: readonly number[] = [];

  const server = createServer((request, response) => {
    void take(request, response).catch((error: unknown) => answer(response, 400, { message: String(error) }));
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    requests += 1;
    const [refusal, ...rest] = refusals;
    refusals = rest;
    if (refusal !== undefined) return answer(response, refusal, { message: 'Refused, as the test asked.' });
    const isMetrics = request.url === '/v1/metrics';
    if (request.method !== 'POST' || (request.url !== '/v1/traces' && !isMetrics)) return answer(response, 404, { message: `Nothing at ${request.method} ${request.url}.` });
    if (!request.headers['content-type']?.startsWith('application/json')) return answer(response, 415, { message: 'Send OTLP as application/json.' });
    const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString('utf8') : body.toString('utf8');
    if (isMetrics) points.push(...decodeMetrics(JSON.parse(text)));
    else received.push(...decodeTraces(JSON.parse(text)));
    answer(response, 200, {});
    for (const check of waiting) check();
  }

  await listen(server);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => [...received],
    points: () => [...points],
    requests: () => requests,
    refuseNext: (count, status) => { refusals = [...refusals, ...Array.from({ length: count }, () => status)]; },
    until: (condition) => new Promise((resolve) => {
      const check = (): void => {
        if (!condition(received)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    }),
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAXIMUM_BODY_BYTES) throw new Error('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
