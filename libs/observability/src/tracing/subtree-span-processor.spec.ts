import { afterEach, describe, expect, it } from '@jest/globals';
import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { commitTraceparent } from './identifiers.js';
import { contextBelow } from './message-context.js';
import { SubtreeQueue } from './subtree-queue.js';
import { SubtreeSpanProcessor } from './subtree-span-processor.js';

const belowCommit = contextBelow(ROOT_CONTEXT, { traceparent: commitTraceparent({ tenant: 'acme', runId: 'run-1', commitId: 'c1' }) });

function setUp(limits = { maximumSpans: 100, maximumBytes: 1_000_000 }) {
  const exporter = new InMemorySpanExporter();
  const queue = new SubtreeQueue({ exporter, scheduleDelay: 60_000, maximumBatchSpans: 512, ...limits, onAvailability: () => undefined });
  const processor = new SubtreeSpanProcessor(queue, limits, false);
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  const start = (name: string, below: Span | Context, attributes = {}): Span =>
    tracer.startSpan(name, { attributes }, 'spanContext' in below ? trace.setSpan(ROOT_CONTEXT, below) : below);
  const exported = async (): Promise<string[]> => {
    await processor.forceFlush();
    return exporter.getFinishedSpans().map((span) => span.name).sort();
  };
  return { queue, processor, start, exported };
}

describe('the processor of whole subtrees', () => {
  let queue: SubtreeQueue | undefined;
  afterEach(() => queue?.stop());

  it('holds children back until their local root has ended', async () => {
    const { start, exported, ...rest } = setUp();
    queue = rest.queue;
    const root = start('root', belowCommit);
    const child = start('child', root);
    start('grandchild', child).end();
    child.end();
    expect(await exported()).toEqual([]);
    root.end();
    expect(await exported()).toEqual(['child', 'grandchild', 'root']);
  });

  it('drops what ends after the local root, with its descendants, and counts it', async () => {
    const { start, exported, processor } = setUp();
    const root = start('root', belowCommit);
    const late = start('late', root);
    start('below the late', late).end();
    start('in time', root).end();
    root.end();
    late.end();
    start('started too late', root).end();
    expect(await exported()).toEqual(['in time', 'root']);
    expect(processor.droppedSpans).toBe(3);
  });

  it('drops the oldest unfinished subtree, whole, beyond its number of spans', async () => {
    const { start, exported, processor } = setUp({ maximumSpans: 3, maximumBytes: 1_000_000 });
    const old = start('old root', belowCommit);
    start('old child', old).end();
    const recent = start('recent root', belowCommit);
    start('recent child', recent).end();
    old.end();
    recent.end();
    expect(await exported()).toEqual(['recent child', 'recent root']);
    expect(processor.droppedSpans).toBe(2);
  });

  it('drops the oldest unfinished subtree beyond its number of bytes', async () => {
    const { start, exported, processor } = setUp({ maximumSpans: 100, maximumBytes: 10_000 });
    const old = start('old root', belowCommit);
    start('old child', old, { text: 'x'.repeat(6_000) }).end();
    const recent = start('recent root', belowCommit);
    start('recent child', recent, { text: 'x'.repeat(6_000) }).end();
    old.end();
    recent.end();
    expect(await exported()).toEqual(['recent child', 'recent root']);
    expect(processor.droppedSpans).toBe(2);
  });
});
