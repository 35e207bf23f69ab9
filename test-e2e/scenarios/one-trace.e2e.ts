import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startOtlpReceiver, traceForest, type OtlpReceiver } from '@holdfast/testing';
import { endOf, invoiceEvent, runOf, startInstallation, until, type Installation } from './installation.fixture.js';

/** Every service that takes part in a run. */
const WORKERS = ['gateway', 'orchestrator', 'planner', 'policy', 'tool-adapters', 'memory'];

let receiver: OtlpReceiver;
let installation: Installation;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  installation = await startInstallation({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
});

afterAll(async () => {
  await installation?.stop();
  await receiver?.stop();
});

describe('the trace of a run', () => {
  it('is one connected tree over all services, although planner, adapter and orchestrator were killed while it ran', async () => {
    const { stack, gateway, publisher } = installation;
    await publisher.publish(invoiceEvent('evt-0004'));
    // The run waits for a person, so the kills certainly fall into its life.
    const waiting = await until('the approval', async () => {
      const run = await runOf(gateway, 'evt-0004');
      return run?.status === 'waiting' ? run : undefined;
    });
    for (const victim of ['planner', 'tool-adapters', 'orchestrator'] as const) {
      await stack.kill(victim);
      await stack.start(victim);
    }
    await gateway.approve(waiting.runId, waiting.approvals[0]?.approvalId ?? '', 'checked');
    const run = await endOf(gateway, 'evt-0004');
    expect(run.status).toBe('completed');
    const traceOf = () => traceForest(receiver.spans()).traces.filter((trace) => trace.spans.some((span) => span.attributes['holdfast.run.id'] === run.runId));
    // Each service sends its spans in batches of its own, so one that has sent some may still owe others.
    await until('the spans of all commits, of the payment and of all services', async () => {
      const spans = traceOf().flatMap((trace) => trace.spans);
      const commits = spans.filter((span) => span.name.startsWith('commit ')).length;
      const isPaid = spans.some((span) => span.name === 'execute_tool pay_invoice');
      return isPaid && commits >= run.commits && WORKERS.every((service) => spans.some((span) => span.resource['service.name'] === service)) ? true : undefined;
    });

    const traces = traceOf();
    expect(traces).toHaveLength(1);
    const [trace] = traces;
    expect({ roots: trace?.roots.length, orphans: trace?.orphans.length }).toMatchObject({ roots: 1, orphans: 0 });
    expect(trace?.isOneConnectedTree).toBe(true);
    expect(trace?.spans.find((span) => span.name.startsWith('chat '))?.attributes).toMatchObject({ 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': expect.any(Number) });
  });
});
