import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { METRIC } from '../names.js';
import { startMetrics } from './start.js';

const service = { service: 'test', version: '1' };
const scrape = { host: '127.0.0.1', port: 0 };
const text = async (url: string | undefined): Promise<string> => (await fetch(url ?? '')).text();

describe('metrics', () => {
  const before = { ...process.env };
  afterEach(() => { process.env = { ...before }; });

  it('are off where nobody reads them: measuring does nothing', async () => {
    const metrics = await startMetrics(service);
    metrics.count(METRIC.policyBundlesRefused, {});
    metrics.record(METRIC.policyDecisionDuration, 1, {});
    expect(metrics.scrapeUrl).toBeUndefined();
    await metrics.shutdown();
  });

  it.each([['OTEL_SDK_DISABLED', 'true', 0], ['OTEL_METRICS_EXPORTER', 'none', 0], ['OTEL_TRACES_EXPORTER', 'none', 1]])('with %s=%s are sent %s times when the service ends', async (name, value, times) => {
    let asked = 0;
    const refusing = createServer((request, response) => { asked += 1; request.resume(); response.writeHead(400, { connection: 'close' }).end(); }).listen(0, '127.0.0.1');
    await once(refusing, 'listening');
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    process.env[name] = value;
    const metrics = await startMetrics(service);
    metrics.count(METRIC.policyBundlesRefused, {});
    await metrics.shutdown();
    expect(asked).toBe(times);
    refusing.close();
    await once(refusing, 'close');
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'localhost:4318'],
    ['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'grpc'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '-1'],
  ])('say which variable they cannot follow: %s=%s', async (name, value) => {
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = 'http://127.0.0.1:9';
    process.env[name] = value;
    await expect(startMetrics(service)).rejects.toMatchObject({ code: 'telemetry.configuration' });
  });

  it('are served to Prometheus: each by its definition, and nothing else', async () => {
    const metrics = await startMetrics({ ...service, environment: 'test', scrape });
    metrics.count(METRIC.policyDecisions, { outcome: 'allow', tool: 'pay' });
    metrics.count(METRIC.policyDecisions, { outcome: 'allow', tool: 'pay' });
    metrics.count(METRIC.policyDecisions, { outcome: 'deny', tool: 'pay' });
    metrics.record(METRIC.policyDecisionDuration, 0.003, {});
    metrics.record(METRIC.policyBundle, 1, { digest: 'a' });
    metrics.record(METRIC.policyBundle, 0, { digest: 'a' });
    metrics.record(METRIC.policyBundle, 1, { digest: 'b' });
    const lines = (await text(metrics.scrapeUrl)).split('\n');
    expect(lines.filter((line) => !line.startsWith('#') && !line.startsWith('holdfast_policy_decision_duration_bucket'))).toEqual([
      expect.stringMatching(/^target_info\{.*service_name="test".*service_instance_id="[0-9a-f-]{36}".*\} 1$/),
      'holdfast_policy_decisions_total{outcome="allow",tool="pay"} 2',
      'holdfast_policy_decisions_total{outcome="deny",tool="pay"} 1',
      'holdfast_policy_decision_duration_count 1',
      'holdfast_policy_decision_duration_sum 0.003',
      'holdfast_policy_bundle{digest="a"} 0',
      'holdfast_policy_bundle{digest="b"} 1',
      '',
    ]);
    expect(lines).toContain('# TYPE holdfast_policy_decisions_total counter');
    expect(lines).toContain('holdfast_policy_decision_duration_bucket{le="0.0025"} 0');
    expect(lines).toContain('holdfast_policy_decision_duration_bucket{le="0.005"} 1');
    expect((await fetch(new URL('/', metrics.scrapeUrl))).status).toBe(404);
    expect((await fetch(metrics.scrapeUrl ?? '', { method: 'POST' })).status).toBe(404);
    await metrics.shutdown();
    await expect(fetch(metrics.scrapeUrl ?? '')).rejects.toThrow();
  });

  it('of several services in one process are each one\'s own', async () => {
    const [one, other] = await Promise.all([startMetrics({ ...service, scrape }), startMetrics({ ...service, scrape })]);
    one.count(METRIC.policyBundlesRefused, {});
    expect(await text(one.scrapeUrl)).toContain('holdfast_policy_bundles_refused_total 1');
    expect(await text(other.scrapeUrl)).not.toContain('holdfast_policy');
    await Promise.all([one.shutdown(), other.shutdown(), one.shutdown()]);
  });

  it('cannot be served on a port that is taken, and say so', async () => {
    const first = await startMetrics({ ...service, scrape });
    const port = Number(new URL(first.scrapeUrl ?? '').port);
    await expect(startMetrics({ ...service, scrape: { host: '127.0.0.1', port } })).rejects.toMatchObject({ code: 'telemetry.port-unavailable', remedy: expect.stringContaining('HOLDFAST_METRICS_PORT') });
    await first.shutdown();
  });

  it('do not hold up a shutdown when their endpoint never answers', async () => {
    const held: ServerResponse[] = [];
    const silent = createServer((request, response) => { request.resume(); held.push(response); }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    process.env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT'] = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/v1/metrics`;
    // Far longer than the test may take, so that only the patience can end the waiting.
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '600000';
    process.env['OTEL_METRIC_EXPORT_INTERVAL'] = '600000';
    process.env['OTEL_METRIC_EXPORT_TIMEOUT'] = '600000';
    const metrics = await startMetrics({ ...service, patience: 50 });
    metrics.count(METRIC.policyBundlesRefused, {});
    await metrics.shutdown();
    // A refusal for good: a mere disconnection would be retried after the test, and would keep Jest from ending.
    for (const response of held) response.writeHead(400, { connection: 'close' }).end();
    silent.close();
    await once(silent, 'close');
  });
});
