import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { ParentBasedSampler, SamplingDecision, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { resourceOf, type ServiceDescription } from '../export/resource.js';
import { within } from '../export/within.js';
import { CommitSpanExporter } from './commit-span-exporter.js';
import { DurableParentPropagator } from './message-context.js';
import { readTraceSettings, type TraceSettings } from './settings.js';
import { SubtreeQueue } from './subtree-queue.js';
import { SubtreeSpanProcessor } from './subtree-span-processor.js';
import { switchTracing, TRACER_NAME } from './work-span.js';

export interface TelemetryOptions extends ServiceDescription {
  /** How long {@link Telemetry.shutdown} and {@link Telemetry.forceFlush} may take, in milliseconds; default 2,000. */
  readonly patience?: number;
  /** Told once when the endpoint stops answering and once when it answers again; for a log line. */
  readonly onAvailability?: (error: Error | undefined) => void;
}

export interface TelemetryStatistics {
  /** Live spans that the endpoint has confirmed. */
  readonly exportedSpans: number;
  /** Live spans that ended and will never be exported: over a limit, too late, refused, or left at shutdown. */
  readonly droppedSpans: number;
  readonly exportedCommitSpans: number;
}

export interface Telemetry {
  /** False without an endpoint: then spans cost next to nothing and no span is made. */
  readonly enabled: boolean;
  readonly commitSpans: CommitSpanExporter;
  /** Sends all finished live spans. Never rejects; false when the endpoint did not confirm them within the patience. */
  forceFlush(): Promise<boolean>;
  /**
   * Sends what it can within the patience and stops. Never rejects; calling it again does nothing more. A request that hangs
   * by then may keep the event loop alive until the export's time-out (3 seconds unless `OTEL_EXPORTER_OTLP_TIMEOUT` says
   * otherwise), so a service ends with `process.exit` after it.
   */
  shutdown(): Promise<void>;
  statistics(): TelemetryStatistics;
}

/** Spans of unfinished subtrees, and of finished ones that wait: about this many bytes each at most. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;

/**
 * Starts tracing for this process, if `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; the other
 * standard variables are listed at `readTraceSettings`. An endpoint that does not answer never blocks or fails the service.
 *
 * Several services in one process may each call it: live spans then go out under the first one's name,
 * and end when that one is shut down; commits' spans are each one's own.
 *
 * @throws HoldfastError `telemetry.configuration` when an environment variable cannot be followed.
 */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const settings = readTraceSettings();
  if (!settings.enabled) {
    return {
      enabled: false,
      commitSpans: new CommitSpanExporter(),
      forceFlush: async () => true,
      shutdown: async () => undefined,
      statistics: () => ({ exportedSpans: 0, droppedSpans: 0, exportedCommitSpans: 0 }),
    };
  }
  return startTracing(options, settings);
}

function startTracing(options: TelemetryOptions, settings: TraceSettings): Telemetry {
  const resource = resourceOf(options);
  const ratio = new TraceIdRatioBasedSampler(settings.ratio);
  const exporterOptions = settings.exportTimeout === undefined ? {} : { timeoutMillis: settings.exportTimeout };
  const queue = new SubtreeQueue({
    exporter: new OTLPTraceExporter(exporterOptions),
    scheduleDelay: settings.scheduleDelay,
    maximumBatchSpans: settings.maximumBatchSpans,
    maximumSpans: settings.maximumQueuedSpans,
    maximumBytes: MAXIMUM_BYTES,
    onAvailability: options.onAvailability ?? (() => undefined),
  });
  const processor = new SubtreeSpanProcessor(queue, { maximumSpans: settings.maximumQueuedSpans, maximumBytes: MAXIMUM_BYTES }, settings.captureContent);
  // Commits always say "sampled", so the ratio is decided anew by trace id, alike in every process.
  const sampler = new ParentBasedSampler({ root: ratio, remoteParentSampled: ratio });
  const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
  // The commits' exporter is another one, so that neither waits for the other's requests.
  const commitSpans = new CommitSpanExporter({
    exporter: new OTLPTraceExporter(exporterOptions),
    resource,
    scope: { name: TRACER_NAME, version: options.version },
    captureContent: settings.captureContent,
    isSampled: (traceId) => ratio.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED,
  });
  const isFirst = trace.setGlobalTracerProvider(provider);
  if (isFirst) {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    propagation.setGlobalPropagator(new DurableParentPropagator());
    switchTracing(true);
  }
  const patience = options.patience ?? 2_000;
  let stopping: Promise<void> | undefined;
  return {
    enabled: true,
    commitSpans,
    forceFlush: async () => (await within(patience, queue.flush())) ?? false,
    shutdown: () => stopping ??= (async () => {
      if (isFirst) switchTracing(false);
      await within(patience, Promise.all([queue.shutdown(), commitSpans.shutdown()]));
      queue.stop();
      if (!isFirst) return;
      trace.disable();
      context.disable();
      propagation.disable();
    })(),
    statistics: () => ({
      exportedSpans: queue.exportedSpans,
      droppedSpans: queue.droppedSpans + processor.droppedSpans,
      exportedCommitSpans: commitSpans.exportedSpans,
    }),
  };
}
