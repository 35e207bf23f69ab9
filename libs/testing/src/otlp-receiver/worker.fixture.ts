/**
 * A service's process in small, for `connected-tree.spec.ts`: it projects commits, works below commit 2, and is either
 * killed in the middle of its second piece of work or takes over and finishes. Run from sources by Node itself.
 */
import {
  ATTRIBUTE, commitTraceparent, extractContext, injectContext, spanName, startTelemetry, withWorkSpan, type CommitDescription,
} from '@holdfast/observability';
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const [role, processor] = process.argv.slice(2);
const run = { tenant: 'acme', runId: 'run-1' };

const telemetry = startTelemetry({ service: `worker-${role}`, version: '1' });
let flush = async (): Promise<unknown> => telemetry.forceFlush();
if (processor === 'plain') {
  // The same work through the SDK's own batch processor, to show what it leaves behind.
  const plain = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] });
  trace.disable();
  trace.setGlobalTracerProvider(plain);
  flush = () => plain.forceFlush();
}

function commit(number: number): CommitDescription {
  const route = number === 3 ? 'end' : 'plan';
  return {
    ...run, number, commitId: `commit-${number}`, causeCommitId: number === 1 ? undefined : `commit-${number - 1}`, route,
    startedAt: 1_700_000_000_000 + number * 100, recordedAt: 1_700_000_000_010 + number * 100, name: spanName.commit(route), attributes: {},
  };
}

/** A call to another service: what it sees are the headers of the message only. */
async function callPolicy(): Promise<void> {
  const headers = new Map<string, string>();
  injectContext(headers);
  await withWorkSpan({ name: 'policy authorize', kind: 'consumer', parent: extractContext(headers) }, () => undefined);
}

const parent = commitTraceparent({ ...run, commitId: 'commit-2' });
if (role === 'first') {
  await telemetry.commitSpans.export([commit(1), commit(2)]);
  await withWorkSpan({ name: 'chat model-a', parent }, async () => withWorkSpan({ name: 'finished child' }, () => undefined));
  await withWorkSpan({ name: 'chat model-b', parent }, async () => {
    await withWorkSpan({ name: 'child of the killed' }, () => undefined);
    await callPolicy();
    await flush();
    process.stdout.write('in the middle\n');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
} else {
  // A commit's message that was not acknowledged comes back, so its spans are exported again.
  const projected = telemetry.commitSpans.export([commit(1), commit(2), commit(3)]).catch((error: Error) => process.stderr.write(`${error.message}\n`));
  await withWorkSpan({ name: 'chat model-b', parent, attributes: { [ATTRIBUTE.takeover]: true } }, async () => {
    await withWorkSpan({ name: 'child of the second' }, () => undefined);
    await callPolicy();
  });
  await flush();
  await projected;
  await telemetry.shutdown();
}
