import { HoldfastError } from '@holdfast/contracts';
import { type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import { commitSpans, type CommitDescription, type CommitSpanSettings } from './commit-spans.js';
import { exportSpans, isWorthRetrying } from './export.js';

/** Where the spans go and how they are made. */
export interface CommitSpanExporterOptions extends CommitSpanSettings {
  readonly exporter: SpanExporter;
  /** Whether this trace is kept; all processes must answer alike, so it may only depend on the trace id. */
  readonly isSampled: (traceId: string) => boolean;
  /** Spans in one request; default 512. */
  readonly maximumBatchSpans?: number;
  /** Spans that may wait at once before calls are refused; default 16,384. */
  readonly maximumWaitingSpans?: number;
}

interface Waiting {
  readonly spans: readonly ReadableSpan[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Projects commits of the log to spans. The spans are a function of the log alone, with ids of their own, so any process may
 * do it, at any time and more than once: the same commit is always the same span of the same trace.
 *
 * Meant for a durable consumer that acknowledges a log message once {@link export} has resolved. Calls made while a request
 * is under way are sent together in the next one.
 */
export class CommitSpanExporter {
  readonly #options: CommitSpanExporterOptions | undefined;
  #waiting: Waiting[] = [];
  #waitingSpans = 0;
  #exportedSpans = 0;
  #stopped = false;
  #sending: Promise<void> | undefined;

  /** Without options it is off: {@link export} resolves at once. */
  constructor(options?: CommitSpanExporterOptions) {
    this.#options = options;
  }

  /** False when there is nowhere to send to; then nobody needs to read the log for it. */
  get enabled(): boolean {
    return this.#options !== undefined;
  }

  /** Spans that the endpoint has confirmed, counting repetitions. */
  get exportedSpans(): number {
    return this.#exportedSpans;
  }

  /**
   * Resolves when the endpoint has confirmed the spans of all these commits.
   *
   * @throws HoldfastError `telemetry.export-failed`: with `retryable` true leave the message unacknowledged; with false
   *   (the endpoint refused these very spans) acknowledge it, or it comes back for ever. `telemetry.export-overloaded` when
   *   too many wait; `telemetry.stopped` after a shutdown.
   */
  async export(commits: readonly CommitDescription[]): Promise<void> {
    const options = this.#options;
    if (options === undefined) return;
    if (this.#stopped) throw stopped();
    const spans = commits.flatMap((commit) => commitSpans(commit, options)).filter((span) => options.isSampled(span.spanContext().traceId));
    if (spans.length === 0) return;
    if (this.#waitingSpans + spans.length > (options.maximumWaitingSpans ?? 16_384) && this.#waitingSpans > 0) {
      throw new HoldfastError({
        code: 'telemetry.export-overloaded', message: `${this.#waitingSpans} commit spans wait for the trace endpoint already.`,
        retryable: true, remedy: 'Await earlier exports before asking for more; lower the consumer\'s limit of unacknowledged messages.',
      });
    }
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ spans, resolve, reject });
      this.#waitingSpans += spans.length;
      this.#sending ??= this.#sendAll(options).finally(() => { this.#sending = undefined; });
    });
  }

  /** Refuses new and waiting calls; the caller bounds how long it waits for the request under way. */
  async shutdown(): Promise<void> {
    this.#stopped = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(stopped());
    this.#waitingSpans = 0;
    await this.#sending;
    await this.#options?.exporter.shutdown();
  }

  async #sendAll(options: CommitSpanExporterOptions): Promise<void> {
    // One turn of the event loop, so that calls made in the same tick share the request.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch(options.maximumBatchSpans ?? 512);
      const error = await this.#send(options, batch);
      // A refusal may be about one call's spans or the size of the request: it must not fail the others.
      const each = error !== undefined && !isWorthRetrying(error) && batch.length > 1;
      for (const waiting of batch) settle(waiting, each ? await this.#send(options, [waiting]) : error);
    }
  }

  async #send(options: CommitSpanExporterOptions, batch: readonly Waiting[]): Promise<Error | undefined> {
    const spans = batch.flatMap((waiting) => waiting.spans);
    const error = await exportSpans(options.exporter, spans);
    if (error === undefined) this.#exportedSpans += spans.length;
    return error;
  }

  #takeBatch(maximumSpans: number): Waiting[] {
    let spans = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || spans < maximumSpans)) {
      spans += this.#waiting[count]?.spans.length ?? 0;
      count += 1;
    }
    this.#waitingSpans -= spans;
    return this.#waiting.splice(0, count);
  }
}

function settle(waiting: Waiting, error: Error | undefined): void {
  if (error === undefined) return waiting.resolve();
  const retryable = isWorthRetrying(error);
  waiting.reject(new HoldfastError({
    code: 'telemetry.export-failed', message: `The trace endpoint did not take the spans: ${error.message}`, retryable, cause: error,
    remedy: retryable
      ? 'Leave the log message unacknowledged: it comes back, and the same spans are sent again.'
      : 'Check the endpoint, its credentials and its size limit; acknowledge the log message, for a repetition cannot succeed.',
  }));
}

function stopped(): HoldfastError {
  return new HoldfastError({
    code: 'telemetry.stopped', message: 'Telemetry was shut down.', retryable: true,
    remedy: 'Leave the log message unacknowledged: another process exports its span.',
  });
}
