import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { exportSpans, isWorthRetrying } from './export.js';

/** Finished spans that belong together: a local root and its descendants. */
export interface FinishedSubtree {
  readonly spans: readonly ReadableSpan[];
  readonly bytes: number;
}

export interface SubtreeQueueOptions {
  readonly exporter: SpanExporter;
  /** Milliseconds from the first waiting subtree to its export, and from a failed export to the next try. */
  readonly scheduleDelay: number;
  /** A batch is closed once it holds this many spans; a subtree is never divided between two. */
  readonly maximumBatchSpans: number;
  readonly maximumSpans: number;
  readonly maximumBytes: number;
  /** Told once when exports begin to fail and once when they work again. */
  readonly onAvailability: (error: Error | undefined) => void;
}

/**
 * Sends finished subtrees in batches, one batch at a time, each subtree whole in one request. The SDK's batch processor may
 * cut a subtree at a batch's edge and then lose the half with the parent; this one cannot.
 *
 * While the endpoint is away, subtrees wait here; over the limits the oldest are dropped and counted.
 */
export class SubtreeQueue {
  readonly #options: SubtreeQueueOptions;
  #waiting: FinishedSubtree[] = [];
  #spans = 0;
  #bytes = 0;
  #droppedSpans = 0;
  #exportedSpans = 0;
  #failing = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<boolean> | undefined;

  constructor(options: SubtreeQueueOptions) {
    this.#options = options;
  }

  get droppedSpans(): number {
    return this.#droppedSpans;
  }

  /** Spans that the endpoint has confirmed. */
  get exportedSpans(): number {
    return this.#exportedSpans;
  }

  add(subtree: FinishedSubtree): void {
    if (this.#stopped) {
      this.#droppedSpans += subtree.spans.length;
      return;
    }
    this.#waiting.push(subtree);
    this.#spans += subtree.spans.length;
    this.#bytes += subtree.bytes;
    this.#holdLimits();
    if (this.#spans >= this.#options.maximumBatchSpans && !this.#failing) void this.flush();
    else this.#schedule();
  }

  /** Sends all that waits. Never rejects; true when the endpoint confirmed everything that was queued. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0 && !this.#stopped) this.#schedule();
    });
    const confirmed = await this.#sending;
    // A subtree may have been added after the last batch was taken and before this continues.
    return confirmed && this.#waiting.length > 0 ? this.flush() : confirmed;
  }

  /** Makes a last attempt to send, then drops and counts what is left. */
  async shutdown(): Promise<void> {
    await this.flush();
    this.stop();
    await this.#options.exporter.shutdown();
  }

  /** Takes no more spans and drops those that wait; for a shutdown whose time is up. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#droppedSpans += this.#spans;
    this.#waiting = [];
    this.#spans = 0;
    this.#bytes = 0;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.flush(), this.#options.scheduleDelay).unref();
  }

  async #sendAll(): Promise<boolean> {
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const spans = batch.flatMap((subtree) => subtree.spans);
      const error = await exportSpans(this.#options.exporter, spans);
      this.#report(error);
      if (error === undefined) this.#exportedSpans += spans.length;
      else if (this.#stopped || !isWorthRetrying(error)) this.#droppedSpans += spans.length;
      else this.#putBack(batch);
      if (error !== undefined) return false;
    }
    return true;
  }

  #takeBatch(): FinishedSubtree[] {
    let spans = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || spans < this.#options.maximumBatchSpans)) {
      const next = this.#waiting[count];
      spans += next?.spans.length ?? 0;
      this.#bytes -= next?.bytes ?? 0;
      count += 1;
    }
    this.#spans -= spans;
    return this.#waiting.splice(0, count);
  }

  #putBack(batch: readonly FinishedSubtree[]): void {
    this.#waiting.unshift(...batch);
    for (const subtree of batch) {
      this.#spans += subtree.spans.length;
      this.#bytes += subtree.bytes;
    }
    this.#holdLimits();
  }

  #holdLimits(): void {
    while (this.#spans > this.#options.maximumSpans || this.#bytes > this.#options.maximumBytes) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) return;
      this.#spans -= oldest.spans.length;
      this.#bytes -= oldest.bytes;
      this.#droppedSpans += oldest.spans.length;
    }
  }

  #report(error: Error | undefined): void {
    const failing = error !== undefined;
    if (failing !== this.#failing) this.#options.onAvailability(error);
    this.#failing = failing;
  }
}
