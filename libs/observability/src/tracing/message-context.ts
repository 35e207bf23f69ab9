import {
  type Context, context, createContextKey, type SpanContext, type TextMapGetter, type TextMapPropagator, type TextMapSetter, trace,
} from '@opentelemetry/api';
import { isTracingSuppressed, parseTraceParent, TRACE_PARENT_HEADER, TraceState, TRACE_STATE_HEADER } from '@opentelemetry/core';

/** The header with the caller's live span, in the form of `traceparent`. The receiver links to it, never descends from it. */
export const CALLER_HEADER = 'holdfast-caller';

/** What a message says about where it belongs in a trace; each in the form of a W3C `traceparent`. */
export interface MessageContext {
  /** The durable span below which the receiver's work belongs. */
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
  /** The live span of the caller, which may never be exported. */
  readonly caller?: string | undefined;
}

const durableParentKey = createContextKey('holdfast durable parent');
const callerKey = createContextKey('holdfast caller');

/** Reads a `traceparent`; undefined when there is none or it is malformed, as W3C Trace Context demands. */
export function parseContext(traceparent: string | undefined): SpanContext | undefined {
  const parsed = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parsed === null ? undefined : { ...parsed, isRemote: true };
}

/** The context for work below a durable span: that span is both the parent and what messages will name. */
export function contextBelow(base: Context, message: MessageContext): Context {
  const parent = parseContext(message.traceparent);
  if (parent !== undefined && message.tracestate !== undefined) parent.traceState = new TraceState(message.tracestate);
  const below = parent === undefined
    ? trace.deleteSpan(base).deleteValue(durableParentKey)
    : trace.setSpanContext(base, parent).setValue(durableParentKey, parent);
  return below.setValue(callerKey, parseContext(message.caller));
}

/** The caller's live span, for a link. */
export function callerOf(of: Context): SpanContext | undefined {
  return of.getValue(callerKey) as SpanContext | undefined;
}

/**
 * Writes into the headers of an outgoing message where the receiver's spans belong: below the commit (never below the live
 * span of this process, which a kill would lose), with a link to the live span. Without a span it writes nothing.
 */
export function injectContext(headers: { set(key: string, value: string): void }): void {
  propagator.inject(context.active(), headers, { set: (carrier: typeof headers, key, value) => carrier.set(key, value) });
}

/** Reads what {@link injectContext} wrote; the result is for the `parent` of `withWorkSpan`. */
export function extractContext(headers: { get(key: string): string | null | undefined }): MessageContext {
  // Clients differ in what they answer for a missing header: undefined, null or an empty text.
  const read = (key: string): string | undefined => headers.get(key) || undefined;
  return { traceparent: read(TRACE_PARENT_HEADER), tracestate: read(TRACE_STATE_HEADER), caller: read(CALLER_HEADER) };
}

/**
 * W3C Trace Context with one rule added: the parent that leaves the process is durable. Registered globally, so that
 * libraries which propagate by themselves follow it too.
 */
export class DurableParentPropagator implements TextMapPropagator {
  inject(from: Context, carrier: unknown, setter: TextMapSetter): void {
    if (isTracingSuppressed(from)) return;
    const live = trace.getSpanContext(from);
    const durable = from.getValue(durableParentKey) as SpanContext | undefined;
    if (durable !== undefined) {
      setter.set(carrier, TRACE_PARENT_HEADER, format(durable));
      if (durable.traceState !== undefined) setter.set(carrier, TRACE_STATE_HEADER, durable.traceState.serialize());
    }
    if (live !== undefined && live.spanId !== durable?.spanId) setter.set(carrier, CALLER_HEADER, format(live));
  }

  extract(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const first = (key: string): string | undefined => {
      const value = getter.get(carrier, key);
      return Array.isArray(value) ? value[0] : value;
    };
    return contextBelow(into, { traceparent: first(TRACE_PARENT_HEADER), tracestate: first(TRACE_STATE_HEADER), caller: first(CALLER_HEADER) });
  }

  fields(): string[] {
    return [TRACE_PARENT_HEADER, TRACE_STATE_HEADER, CALLER_HEADER];
  }
}

const propagator = new DurableParentPropagator();

function format(span: SpanContext): string {
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}
