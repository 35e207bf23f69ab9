import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { injectContext } from './message-context.js';
import { startTelemetry } from './telemetry.js';
import { withWorkSpan } from './work-span.js';

const service = { service: 'test', version: '1' };
const commit = {
  tenant: 'acme', runId: 'run-1', number: 1, commitId: 'c1', causeCommitId: undefined, route: 'plan', startedAt: 1, recordedAt: 2, name: 'commit', attributes: {},
};

/** A server that takes requests and does not answer them until it is stopped. */
async function startSilentServer(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => { request.resume(); held.push(response); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      // A refusal for good: a mere disconnection would be retried after the test, and would keep Jest from ending.
      for (const response of held) response.writeHead(400, { connection: 'close' }).end();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('telemetry', () => {
  const before = { ...process.env };
  afterEach(() => { process.env = { ...before }; });

  it('is off without an endpoint: work runs, no span and no header is made', async () => {
    const telemetry = startTelemetry(service);
    const headers = new Map<string, string>();
    const result = await withWorkSpan({ name: 'work' }, (span) => {
      span.setAttribute('key', 1);
      injectContext(headers);
      return trace.getActiveSpan() === undefined ? 'no span' : 'a span';
    });
    expect(result).toBe('no span');
    expect(headers.size).toBe(0);
    expect(telemetry.enabled).toBe(false);
    await telemetry.commitSpans.export([commit]);
    expect(await telemetry.forceFlush()).toBe(true);
    await telemetry.shutdown();
  });

  it('does not hold up work or shutdown when the endpoint never answers', async () => {
    const silent = await startSilentServer();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = silent.endpoint;
    // Far longer than the test may take, so that only telemetry's own patience can end the waiting.
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '60000';
    const telemetry = startTelemetry({ ...service, patience: 50 });
    const results = await Promise.all(Array.from({ length: 2_000 }, (_, index) => withWorkSpan({ name: 'work' }, () => index)));
    expect(results).toHaveLength(2_000);
    expect(await telemetry.forceFlush()).toBe(false);
    const exported = telemetry.commitSpans.export([commit]);
    const refused = expect(exported).rejects.toMatchObject({ code: expect.stringMatching(/^telemetry\./) });
    await telemetry.shutdown();
    expect(telemetry.statistics().exportedSpans).toBe(0);
    expect(trace.getActiveSpan()).toBeUndefined();
    await silent.stop();
    await refused;
  });

  it('stays within its limit of spans while the endpoint is away', async () => {
    const silent = await startSilentServer();
    process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] = `${silent.endpoint}/v1/traces`;
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '60000';
    process.env['OTEL_BSP_MAX_QUEUE_SIZE'] = '10';
    process.env['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'] = '5';
    const telemetry = startTelemetry({ ...service, patience: 50 });
    for (let count = 0; count < 100; count += 1) await withWorkSpan({ name: 'work' }, () => undefined);
    // Five are in the request that hangs and ten wait.
    expect(telemetry.statistics().droppedSpans).toBe(85);
    await telemetry.shutdown();
    await silent.stop();
  });

  it('can be started by several services in one process, and stopped in any order', async () => {
    const silent = await startSilentServer();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = silent.endpoint;
    const complain = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const first = startTelemetry({ ...service, patience: 50 });
    const second = startTelemetry({ ...service, patience: 50 });
    await Promise.all([first.shutdown(), second.shutdown(), first.shutdown()]);
    expect(complain).not.toHaveBeenCalled();
    expect(context.active().getValue(Symbol.for('any'))).toBeUndefined();
    await silent.stop();
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'not a url'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '-1'],
  ])('says which variable it cannot follow: %s=%s', (name, value) => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:9';
    process.env[name] = value;
    expect(() => startTelemetry(service)).toThrow(expect.objectContaining({ code: 'telemetry.configuration', message: expect.stringContaining(name) }));
  });

  it.each([['OTEL_SDK_DISABLED', 'true'], ['OTEL_TRACES_EXPORTER', 'none']])('is off with %s=%s', (name, value) => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:9';
    process.env[name] = value;
    expect(startTelemetry(service).enabled).toBe(false);
  });
});
