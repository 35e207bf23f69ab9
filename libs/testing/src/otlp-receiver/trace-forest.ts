import type { ReceivedSpan } from './decode-traces.js';

/** One trace, each span once. */
export interface TraceShape {
  readonly traceId: string;
  readonly spans: readonly ReceivedSpan[];
  /** Spans that name no parent. */
  readonly roots: readonly ReceivedSpan[];
  /** Spans whose parent never arrived. */
  readonly orphans: readonly ReceivedSpan[];
  /** Sets of spans that hang together by parent and child; one set is one tree. Links do not connect. */
  readonly components: readonly (readonly ReceivedSpan[])[];
  /** True for exactly one root, no orphan and one component without a cycle. */
  readonly isOneConnectedTree: boolean;
}

/** All traces that arrived. */
export interface TraceForest {
  readonly traces: readonly TraceShape[];
  /** Spans that arrived again under the same ids and were left out. */
  readonly repetitions: number;
  /**
   * The shape of one trace.
   *
   * @throws Error when nothing arrived for it, so that a test on its orphans cannot pass for want of spans.
   */
  trace(traceId: string): TraceShape;
}

/** Sorts spans into traces, drops repetitions of the same trace and span id (the first stays), and finds each one's shape. */
export function traceForest(spans: readonly ReceivedSpan[]): TraceForest {
  const byTrace = new Map<string, Map<string, ReceivedSpan>>();
  let repetitions = 0;
  for (const span of spans) {
    const trace = byTrace.get(span.traceId) ?? new Map<string, ReceivedSpan>();
    byTrace.set(span.traceId, trace);
    if (trace.has(span.spanId)) repetitions += 1;
    else trace.set(span.spanId, span);
  }
  const traces = [...byTrace].map(([traceId, trace]) => shapeOf(traceId, trace));
  return {
    traces,
    repetitions,
    trace: (traceId) => {
      const found = traces.find((trace) => trace.traceId === traceId);
      if (found === undefined) throw new Error(`No span of trace ${traceId} arrived; there are spans of ${traces.length} other traces.`);
      return found;
    },
  };
}

function shapeOf(traceId: string, trace: ReadonlyMap<string, ReceivedSpan>): TraceShape {
  const spans = [...trace.values()];
  const roots = spans.filter((span) => span.parentSpanId === undefined);
  const orphans = spans.filter((span) => span.parentSpanId !== undefined && !trace.has(span.parentSpanId));
  const components = [...Map.groupBy(spans, (span) => topOf(span, trace)).values()];
  const isCyclic = components.length > roots.length + orphans.length;
  return { traceId, spans, roots, orphans, components, isOneConnectedTree: roots.length === 1 && orphans.length === 0 && components.length === 1 && !isCyclic };
}

/** The highest known ancestor's id; for a cycle the smallest id in it, so that all its spans agree. */
function topOf(span: ReceivedSpan, trace: ReadonlyMap<string, ReceivedSpan>): string {
  const path: string[] = [];
  let current = span;
  for (;;) {
    path.push(current.spanId);
    const parent = current.parentSpanId === undefined ? undefined : trace.get(current.parentSpanId);
    if (parent === undefined) return current.spanId;
    const repeatedAt = path.indexOf(parent.spanId);
    if (repeatedAt >= 0) return path.slice(repeatedAt).sort()[0] ?? current.spanId;
    current = parent;
  }
}
