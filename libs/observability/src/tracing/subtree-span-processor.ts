import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { estimatedBytes, removeContent } from './content.js';
import type { SubtreeQueue } from './subtree-queue.js';

/** A local root (a span whose parent is in another process, or nowhere) and everything below it in this process. */
interface Subtree {
  readonly rootSpanId: string;
  /** Ids of all spans ever started in it. */
  readonly members: string[];
  readonly finished: ReadableSpan[];
  bytes: number;
}

export interface SubtreeLimits {
  /** Spans of unfinished subtrees that are held at most. */
  readonly maximumSpans: number;
  /** Estimated bytes of finished spans in unfinished subtrees that are held at most. */
  readonly maximumBytes: number;
}

/**
 * Holds back every span until its local root has ended, and then hands on the whole subtree at once.
 *
 * A plain batch processor exports a child as soon as it has ended. When the process is killed before the parent ends, the
 * parent is never exported and the child is an orphan for ever. Here a kill loses whole subtrees only. A local root's own
 * parent is durable (a commit's span), so what does arrive is always connected.
 *
 * What would break that promise is dropped and counted: spans that end after their local root, and their descendants.
 * Beyond its limits it drops the oldest unfinished subtree, whole.
 */
export class SubtreeSpanProcessor implements SpanProcessor {
  readonly #queue: SubtreeQueue;
  readonly #limits: SubtreeLimits;
  readonly #captureContent: boolean;
  /** In the order of their start, so that the first is the oldest. */
  readonly #open = new Set<Subtree>();
  readonly #subtreeOfSpan = new Map<string, Subtree>();
  #bytes = 0;
  #droppedSpans = 0;

  constructor(queue: SubtreeQueue, limits: SubtreeLimits, captureContent: boolean) {
    this.#queue = queue;
    this.#limits = limits;
    this.#captureContent = captureContent;
  }

  /** Ended spans that were dropped before they reached the queue. */
  get droppedSpans(): number {
    return this.#droppedSpans;
  }

  onStart(span: Span): void {
    const { spanId } = span.spanContext();
    const parent = span.parentSpanContext;
    let subtree: Subtree | undefined;
    if (parent === undefined || parent.isRemote === true) {
      subtree = { rootSpanId: spanId, members: [], finished: [], bytes: 0 };
      this.#open.add(subtree);
    } else {
      subtree = this.#subtreeOfSpan.get(parent.spanId);
    }
    // A span under a local root that is gone stays unknown, and is dropped when it ends.
    if (subtree === undefined) return;
    subtree.members.push(spanId);
    this.#subtreeOfSpan.set(spanId, subtree);
    this.#holdLimits();
  }

  onEnd(span: ReadableSpan): void {
    const { spanId } = span.spanContext();
    const subtree = this.#subtreeOfSpan.get(spanId);
    if (subtree === undefined) {
      this.#droppedSpans += 1;
      return;
    }
    if (!this.#captureContent) removeContent(span);
    const bytes = estimatedBytes(span);
    subtree.finished.push(span);
    subtree.bytes += bytes;
    this.#bytes += bytes;
    if (spanId === subtree.rootSpanId) this.#complete(subtree);
    else this.#holdLimits();
  }

  /** Sends what is complete; a subtree whose root has not ended stays. */
  async forceFlush(): Promise<void> {
    await this.#queue.flush();
  }

  async shutdown(): Promise<void> {
    await this.#queue.shutdown();
  }

  #complete(subtree: Subtree): void {
    this.#forget(subtree);
    const finished = new Map(subtree.finished.map((span) => [span.spanContext().spanId, span]));
    const connected = subtree.finished.filter((span) => {
      let ancestor: ReadableSpan | undefined = span;
      while (ancestor !== undefined && ancestor.spanContext().spanId !== subtree.rootSpanId) {
        ancestor = finished.get(ancestor.parentSpanContext?.spanId ?? '');
      }
      return ancestor !== undefined;
    });
    this.#droppedSpans += subtree.finished.length - connected.length;
    this.#queue.add({ spans: connected, bytes: subtree.bytes });
  }

  #holdLimits(): void {
    while (this.#subtreeOfSpan.size > this.#limits.maximumSpans || this.#bytes > this.#limits.maximumBytes) {
      const [oldest] = this.#open;
      if (oldest === undefined) return;
      this.#forget(oldest);
      this.#droppedSpans += oldest.finished.length;
    }
  }

  #forget(subtree: Subtree): void {
    this.#open.delete(subtree);
    for (const spanId of subtree.members) this.#subtreeOfSpan.delete(spanId);
    this.#bytes -= subtree.bytes;
  }
}
