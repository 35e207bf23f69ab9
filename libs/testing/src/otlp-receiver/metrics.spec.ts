import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { METRIC, startMetrics } from '@holdfast/observability';
import { scrape } from '../prometheus/scrape.js';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';

describe('metrics sent by OTLP', () => {
  const before = { ...process.env };
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.endpoint;
  });
  afterEach(async () => {
    process.env = { ...before };
    await receiver.stop();
  });

  it('go out when a service ends, with their units and attributes, under its name', async () => {
    const metrics = await startMetrics({ service: 'policy', version: '1.2.3', environment: 'test' });
    metrics.count(METRIC.permitsRefused, { reason: 'permit.expired', tool: 'pay' });
    metrics.count(METRIC.permitsRefused, { reason: 'permit.expired', tool: 'pay' });
    metrics.record(METRIC.policyDecisionDuration, 0.004, {});
    metrics.record(METRIC.policyBundle, 1, { digest: 'd' });
    await metrics.shutdown();
    expect(receiver.points()).toEqual([
      expect.objectContaining({ name: 'holdfast.permits.refused', unit: '{permit}', attributes: { reason: 'permit.expired', tool: 'pay' }, value: 2, resource: expect.objectContaining({ 'service.name': 'policy', 'service.version': '1.2.3', 'deployment.environment.name': 'test' }) }),
      expect.objectContaining({ name: 'holdfast.policy.decision.duration', unit: 's', value: 1 }),
      expect.objectContaining({ name: 'holdfast.policy.bundle', attributes: { digest: 'd' }, value: 1 }),
    ]);
  });

  it('and to Prometheus at once are told alike', async () => {
    const metrics = await startMetrics({ service: 'policy', version: '1', scrape: { host: '127.0.0.1', port: 0 } });
    metrics.count(METRIC.policyBundlesRefused, {});
    expect(await scrape(metrics.scrapeUrl ?? '')).toContainEqual({ name: 'holdfast_policy_bundles_refused_total', labels: {}, value: 1 });
    await metrics.shutdown();
    expect(receiver.points().map(({ name, value }) => [name, value])).toEqual([['holdfast.policy.bundles.refused', 1]]);
  });

  it('are kept while the endpoint is away, and somebody is told once', async () => {
    process.env['OTEL_METRIC_EXPORT_INTERVAL'] = '5';
    const told: (string | undefined)[] = [];
    let tellBack = (): void => undefined;
    const back = new Promise<void>((resolve) => { tellBack = resolve; });
    // 400 is final, so the exporter itself does not try again.
    receiver.refuseNext(2, 400);
    const metrics = await startMetrics({
      service: 'policy', version: '1',
      onAvailability: (error) => {
        told.push(error && 'away');
        if (error === undefined) tellBack();
      },
    });
    metrics.count(METRIC.policyBundlesRefused, {});
    await back;
    await metrics.shutdown();
    expect(told).toEqual(['away', undefined]);
    expect(receiver.points().every(({ value }) => value === 1)).toBe(true);
  });
});
