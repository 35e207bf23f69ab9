import { HoldfastError, taskEvent, type TaskEvent } from '@holdfast/contracts';
import { MAXIMUM_EVENT_BYTES, requireModest } from './limits.js';

/** The media type of the JSON event format, in which one value holds attributes and data. */
export const STRUCTURED = 'application/cloudevents+json';

/** A message of any transport that may carry a CloudEvent. */
export interface EventCarrier {
  readonly contentType: string | undefined;
  /** The carrier's `ce-` headers by attribute name, as they were sent. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The parsed JSON body. */
  readonly body: unknown;
}

/**
 * Reads a task event, in structured mode (JSON event format 1.0.2) or in binary mode (attributes in `ce-` headers, data
 * in the body; HTTP and NATS protocol bindings 1.0.2). Throws `task.invalid` or `task.too-large`, saying what is wrong.
 */
export function readTaskEvent(carrier: EventCarrier): TaskEvent {
  const mediaType = carrier.contentType?.split(';')[0]?.trim().toLowerCase();
  const isBinary = mediaType !== STRUCTURED && Object.hasOwn(carrier.attributes, 'specversion');
  const value = isBinary ? binaryEvent(carrier, mediaType) : carrier.body;
  requireModest(value, MAXIMUM_EVENT_BYTES, 'task event');
  const parsed = taskEvent.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 20).map((issue) => `${issue.path.join('.') || '(event)'}: ${issue.message}`);
  throw invalid(faults.join('; '));
}

function binaryEvent(carrier: EventCarrier, mediaType: string | undefined): Record<string, unknown> {
  const attributes = Object.fromEntries(Object.entries(carrier.attributes).map(([name, value]) => [name, decoded(name, value)]));
  return { ...attributes, ...(mediaType === undefined ? {} : { datacontenttype: mediaType }), data: carrier.body };
}

/** Header values are percent-encoded where they leave printable ASCII (HTTP protocol binding, section 3.1.3.2). */
function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw invalid(`${name}: is not percent-encoded correctly`);
  }
}

function invalid(why: string): HoldfastError {
  return new HoldfastError({ code: 'task.invalid', message: `This is not a task event: ${why}`.slice(0, 2_000), retryable: false, remedy: 'Publish a CloudEvent 1.0 whose data is a JSON object with a "goal".' });
}

/** Where an event says that it belongs in a trace (CloudEvents distributed tracing extension). */
export interface EventTrace {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** W3C Trace Context, version 00. */
const TRACE_PARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The trace that a task event continues: the one named by the event itself, which is where the work began, else the one
 * of the message that carried it. Anything malformed is left out, as W3C Trace Context demands.
 */
export function traceOf(event: TaskEvent, header: (name: string) => string | undefined): EventTrace {
  const fromEvent = typeof event['traceparent'] === 'string' ? event['traceparent'] : undefined;
  const traceparent = fromEvent ?? header('traceparent');
  if (traceparent === undefined || !TRACE_PARENT.test(traceparent)) return {};
  const state = fromEvent === undefined ? header('tracestate') : event['tracestate'];
  return { traceparent, ...(typeof state === 'string' && /^[\x20-\x7e]{1,512}$/.test(state) ? { tracestate: state } : {}) };
}
