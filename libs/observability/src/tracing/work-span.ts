import { type Attributes, context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { HoldfastError } from '@holdfast/contracts';
import { ATTRIBUTE, LINK } from '../names.js';
import { callerOf, contextBelow, type MessageContext } from './message-context.js';

/** Values that a span attribute may have; undefined ones are left out. */
export type AttributeValue = string | number | boolean | readonly string[] | undefined;

/** The part of a span that work may write to. */
export interface WorkSpan {
  setAttribute(key: string, value: Exclude<AttributeValue, undefined>): void;
  setAttributes(attributes: Readonly<Record<string, AttributeValue>>): void;
  addEvent(name: string, attributes?: Readonly<Record<string, AttributeValue>>): void;
}

export interface WorkSpanOptions {
  readonly name: string;
  /** Default `internal`. A call to a model or another service is `client`; work on a message is `consumer`. */
  readonly kind?: 'internal' | 'client' | 'server' | 'producer' | 'consumer';
  /**
   * The durable span that caused this work: `commitTraceparent(...)`, or what a message carried. Left out, the work is part of
   * the active work span, or the root of a trace of its own.
   */
  readonly parent?: string | MessageContext | undefined;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export const TRACER_NAME = 'holdfast';

const kinds = {
  internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER, producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER,
} as const;

const nothing: WorkSpan = { setAttribute: () => undefined, setAttributes: () => undefined, addEvent: () => undefined };

let tracing = false;

/** Switches spans on and off for the process; for `startTelemetry` only. */
export function switchTracing(on: boolean): void {
  tracing = on;
}

/**
 * Runs `fn` inside a live span and passes on its result or its error. The span ends with `fn`; await all work inside, since
 * spans that end after their local root are dropped. A failure sets the status and `error.type`, with a message only where
 * the error is Holdfast's own, because other messages may carry content.
 *
 * Without an endpoint it only calls `fn`.
 */
export async function withWorkSpan<Result>(options: WorkSpanOptions, fn: (span: WorkSpan) => Promise<Result> | Result): Promise<Result> {
  if (!tracing) return fn(nothing);
  const { parent } = options;
  const around = parent === undefined
    ? context.active()
    : contextBelow(context.active(), typeof parent === 'string' ? { traceparent: parent } : parent);
  // Only a local root links to its caller; the spans below it are connected through it.
  const caller = parent === undefined ? undefined : callerOf(around);
  const span = trace.getTracer(TRACER_NAME).startSpan(options.name, {
    kind: kinds[options.kind ?? 'internal'],
    attributes: { ...options.attributes } as Attributes,
    ...(caller === undefined ? {} : { links: [{ context: caller, attributes: { [ATTRIBUTE.linkKind]: LINK.caller } }] }),
  }, around);
  try {
    return await context.with(trace.setSpan(around, span), async () => fn(writable(span)));
  } catch (error) {
    recordFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function writable(span: Span): WorkSpan {
  return {
    setAttribute: (key, value) => void span.setAttribute(key, value as Attributes[string] & {}),
    setAttributes: (attributes) => void span.setAttributes(attributes as Attributes),
    addEvent: (name, attributes) => void span.addEvent(name, attributes as Attributes | undefined),
  };
}

function recordFailure(span: Span, error: unknown): void {
  if (error instanceof HoldfastError) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    span.setAttributes({ [ATTRIBUTE.errorType]: error.code, [ATTRIBUTE.errorRetryable]: error.retryable });
    return;
  }
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(ATTRIBUTE.errorType, error instanceof Error ? error.name : '_OTHER');
}
