import { describe, expect, it } from '@jest/globals';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { SubtreeQueue } from './subtree-queue.js';

/** An exporter that answers as told, request by request, and then with success. */
class ScriptedExporter implements SpanExporter {
  readonly requests: string[][] = [];
  readonly #answers: (Error | undefined)[];
  constructor(...answers: (Error | undefined)[]) {
    this.#answers = answers;
  }
  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.requests.push(spans.map((span) => span.name));
    const error = this.#answers.shift();
    setImmediate(() => done(error === undefined ? { code: ExportResultCode.SUCCESS } : { code: ExportResultCode.FAILED, error }));
  }
  async shutdown(): Promise<void> {}
}

const subtree = (...names: string[]) => ({ spans: names.map((name) => ({ name }) as ReadableSpan), bytes: 10 * names.length });

function queueTo(exporter: SpanExporter, limits: Partial<{ maximumBatchSpans: number; maximumSpans: number; maximumBytes: number }> = {}): SubtreeQueue {
  return new SubtreeQueue({ exporter, scheduleDelay: 60_000, maximumBatchSpans: 100, maximumSpans: 100, maximumBytes: 10_000, ...limits, onAvailability: () => undefined });
}

describe('the queue of finished subtrees', () => {
  it('never divides a subtree between two requests', async () => {
    const exporter = new ScriptedExporter();
    const queue = queueTo(exporter, { maximumBatchSpans: 2 });
    queue.add(subtree('a'));
    queue.add(subtree('b', 'b1', 'b2'));
    queue.add(subtree('c'));
    expect(await queue.flush()).toBe(true);
    expect(await queue.flush()).toBe(true);
    expect(exporter.requests).toEqual([['a', 'b', 'b1', 'b2'], ['c']]);
    expect(queue.exportedSpans).toBe(5);
    await queue.shutdown();
  });

  it('sends again what an absent endpoint did not take', async () => {
    const exporter = new ScriptedExporter(Object.assign(new Error('down'), { code: 'ECONNREFUSED' }));
    const queue = queueTo(exporter);
    queue.add(subtree('a', 'a1'));
    expect(await queue.flush()).toBe(false);
    expect(queue.droppedSpans).toBe(0);
    expect(await queue.flush()).toBe(true);
    expect(exporter.requests).toEqual([['a', 'a1'], ['a', 'a1']]);
    await queue.shutdown();
  });

  it('drops and counts what an endpoint refuses for good', async () => {
    const queue = queueTo(new ScriptedExporter(Object.assign(new Error('too large'), { code: 413 })));
    queue.add(subtree('a', 'a1'));
    expect(await queue.flush()).toBe(false);
    expect(queue.droppedSpans).toBe(2);
    await queue.shutdown();
  });

  it.each([['spans', { maximumSpans: 3 }], ['bytes', { maximumBytes: 30 }]])('drops the oldest subtrees beyond its limit of %s', async (_, limits) => {
    const exporter = new ScriptedExporter();
    const queue = queueTo(exporter, limits);
    queue.add(subtree('a', 'a1'));
    queue.add(subtree('b', 'b1'));
    queue.add(subtree('c'));
    await queue.flush();
    expect(exporter.requests).toEqual([['b', 'b1', 'c']]);
    expect(queue.droppedSpans).toBe(2);
    await queue.shutdown();
  });
});
