import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { commitTraceparent } from './identifiers.js';
import { CALLER_HEADER, extractContext, injectContext } from './message-context.js';
import { switchTracing, withWorkSpan } from './work-span.js';

const commit = commitTraceparent({ tenant: 'acme', runId: 'run-1', commitId: 'c1' });

describe('context in messages', () => {
  const exporter = new InMemorySpanExporter();
  beforeEach(() => {
    exporter.reset();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
    switchTracing(true);
  });
  afterEach(() => {
    switchTracing(false);
    trace.disable();
    context.disable();
  });

  it('names the commit as parent and the live span as caller, also below a child span', async () => {
    const headers = new Map<string, string>();
    await withWorkSpan({ name: 'work', parent: commit }, () => withWorkSpan({ name: 'child' }, () => injectContext(headers)));
    const child = exporter.getFinishedSpans().find((span) => span.name === 'child')!.spanContext();
    expect(Object.fromEntries(headers)).toEqual({ traceparent: commit, [CALLER_HEADER]: `00-${child.traceId}-${child.spanId}-01` });
  });

  it('passes the durable parent on over several services', async () => {
    const first = new Map<string, string>();
    const second = new Map<string, string>();
    await withWorkSpan({ name: 'work', parent: commit }, () => injectContext(first));
    await withWorkSpan({ name: 'called', parent: extractContext(first) }, () => injectContext(second));
    expect(second.get('traceparent')).toBe(commit);
    expect(second.get(CALLER_HEADER)).not.toBe(first.get(CALLER_HEADER));
  });

  it('never offers a live span as a parent, not even where there is no durable one', async () => {
    const headers = new Map<string, string>();
    await withWorkSpan({ name: 'request' }, () => injectContext(headers));
    expect([...headers.keys()]).toEqual([CALLER_HEADER]);
    await withWorkSpan({ name: 'called', parent: extractContext(headers) }, () => undefined);
    const [request, called] = exporter.getFinishedSpans();
    expect(called!.parentSpanContext).toBeUndefined();
    expect(called!.links.map((link) => link.context.spanId)).toEqual([request!.spanContext().spanId]);
  });

  it('ignores a malformed or missing header', async () => {
    const headers = new Map([['traceparent', '00-zz-11-01']]);
    await withWorkSpan({ name: 'called', parent: extractContext({ get: (key) => headers.get(key) ?? '' }) }, () => undefined);
    expect(exporter.getFinishedSpans()[0]!.parentSpanContext).toBeUndefined();
  });

  it('writes nothing outside of a span', () => {
    const headers = new Map<string, string>();
    injectContext(headers);
    expect(headers.size).toBe(0);
  });
});
