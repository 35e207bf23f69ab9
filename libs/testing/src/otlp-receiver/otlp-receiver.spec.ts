import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ATTRIBUTE, CONTENT_ATTRIBUTE, runTraceId, startTelemetry, withWorkSpan } from '@holdfast/observability';
import { type OtlpReceiver, startOtlpReceiver } from './otlp-receiver.js';

const commit = {
  tenant: 'acme', runId: 'run-1', number: 2, commitId: 'c2', causeCommitId: 'c1', route: 'plan', startedAt: 1_700_000_000_000,
  recordedAt: 1_700_000_000_005, name: 'commit plan', attributes: {},
};

describe('the OTLP receiver and the telemetry that sends to it', () => {
  const before = { ...process.env };
  let receiver: OtlpReceiver;
  beforeEach(async () => {
    receiver = await startOtlpReceiver();
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.endpoint;
    process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '500';
  });
  afterEach(async () => {
    process.env = { ...before };
    await receiver.stop();
  });

  it('shows a span as it was made, from a compressed request', async () => {
    process.env['OTEL_EXPORTER_OTLP_COMPRESSION'] = 'gzip';
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'service.name=other,host.name=here';
    const telemetry = startTelemetry({ service: 'planner', version: '1.2.3', environment: 'test' });
    await expect(withWorkSpan({ name: 'chat m', kind: 'client', attributes: { [ATTRIBUTE.inputTokens]: 12, list: ['a', 'b'] } }, (span) => {
      span.setAttribute('ratio', 0.5);
      span.setAttribute(CONTENT_ATTRIBUTE.inputMessages, 'confidential');
      throw new TypeError('confidential');
    })).rejects.toThrow('confidential');
    expect(await telemetry.forceFlush()).toBe(true);
    await telemetry.shutdown();

    const [span] = receiver.spans();
    expect(span).toMatchObject({
      name: 'chat m', kind: 3, parentSpanId: undefined, status: { code: 2 },
      attributes: { [ATTRIBUTE.inputTokens]: 12, list: ['a', 'b'], ratio: 0.5, [ATTRIBUTE.errorType]: 'TypeError' },
      resource: { 'service.name': 'planner', 'service.version': '1.2.3', 'deployment.environment.name': 'test', 'host.name': 'here' },
    });
    expect(span!.resource['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(span, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain('confidential');
    expect(telemetry.statistics()).toMatchObject({ exportedSpans: 1, droppedSpans: 0 });
  });

  it('tells when the awaited spans have arrived, and answers 404 and 415 to what is no signal in JSON', async () => {
    const arrived = receiver.until((spans) => spans.length === 2);
    const telemetry = startTelemetry({ service: 'planner', version: '1' });
    await withWorkSpan({ name: 'outer' }, () => withWorkSpan({ name: 'inner' }, () => undefined));
    void telemetry.forceFlush();
    await arrived;
    expect(receiver.spans().map((span) => span.name).sort()).toEqual(['inner', 'outer']);
    await telemetry.shutdown();

    const post = async (path: string, type: string): Promise<number> =>
      (await fetch(`${receiver.endpoint}${path}`, { method: 'POST', headers: { 'content-type': type }, body: '{}' })).status;
    expect(await post('/v1/logs', 'application/json')).toBe(404);
    expect(await post('/v1/traces', 'application/x-protobuf')).toBe(415);
    expect(await post('/v1/traces', 'application/json')).toBe(200);
    expect(receiver.requests()).toBe(4);
  });

  it('lets the export of a commit resolve only when it was taken, and fail retryably otherwise', async () => {
    const telemetry = startTelemetry({ service: 'orchestrator', version: '1' });
    receiver.refuseNext(1, 503);
    await expect(telemetry.commitSpans.export([commit])).rejects.toMatchObject({ code: 'telemetry.export-failed', retryable: true });
    expect(receiver.spans()).toEqual([]);

    await telemetry.commitSpans.export([commit]);
    expect(receiver.spans().map((span) => span.traceId)).toEqual([runTraceId('acme', 'run-1')]);
    await telemetry.shutdown();
  });

  it('keeps live spans while the endpoint is away and sends them when it is back', async () => {
    const changes: (string | undefined)[] = [];
    const telemetry = startTelemetry({ service: 'planner', version: '1', onAvailability: (error) => changes.push(error && 'away') });
    receiver.refuseNext(1, 503);
    await withWorkSpan({ name: 'kept' }, () => undefined);
    expect(await telemetry.forceFlush()).toBe(false);
    expect(await telemetry.forceFlush()).toBe(true);
    expect(receiver.spans().map((span) => span.name)).toEqual(['kept']);
    expect(changes).toEqual(['away', undefined]);
    await telemetry.shutdown();
  });

  it('keeps or leaves out commits and live spans of a run alike when traces are sampled', async () => {
    process.env['OTEL_TRACES_SAMPLER'] = 'parentbased_traceidratio';
    process.env['OTEL_TRACES_SAMPLER_ARG'] = '0.5';
    const telemetry = startTelemetry({ service: 'planner', version: '1' });
    const { commitTraceparent } = await import('@holdfast/observability');
    for (let number = 0; number < 40; number += 1) {
      const run = { ...commit, runId: `run-${number}` };
      await telemetry.commitSpans.export([run]);
      await withWorkSpan({ name: 'work', parent: commitTraceparent(run) }, () => undefined);
    }
    await telemetry.forceFlush();
    await telemetry.shutdown();

    const tracesOf = (name: string): string[] => receiver.spans().filter((span) => span.name === name).map((span) => span.traceId).sort();
    expect(tracesOf('work')).toEqual(tracesOf('commit plan'));
    expect(tracesOf('work').length).toBeGreaterThan(5);
    expect(tracesOf('work').length).toBeLessThan(35);
  });
});
