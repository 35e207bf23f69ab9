/** A value of an attribute, decoded. Integers beyond 2^53 lose precision. */
export type ReceivedValue = string | number | boolean | null | readonly ReceivedValue[] | { readonly [key: string]: ReceivedValue };
export type ReceivedAttributes = Readonly<Record<string, ReceivedValue>>;

export interface ReceivedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: ReceivedAttributes;
}

/** A span as it arrived over OTLP. Ids are lower-case hexadecimal. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  /** As OTLP counts: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  /** Nanoseconds since the Unix epoch. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly attributes: ReceivedAttributes;
  readonly links: readonly ReceivedLink[];
  readonly events: readonly { readonly name: string; readonly attributes: ReceivedAttributes }[];
  /** As OTLP counts: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message: string | undefined };
  /** The sending process: `service.name` and the like. */
  readonly resource: ReceivedAttributes;
}

interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly bytesValue?: string;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}
export interface KeyValue { readonly key: string; readonly value?: AnyValue }
interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string | number;
  readonly endTimeUnixNano: string | number;
  readonly attributes?: readonly KeyValue[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string; readonly attributes?: readonly KeyValue[] }[];
  readonly events?: readonly { readonly name: string; readonly attributes?: readonly KeyValue[] }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
interface ExportTraceServiceRequest {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}

/**
 * Decodes an `ExportTraceServiceRequest` in OTLP's JSON form.
 *
 * @throws Error when a span's ids are not hexadecimal of the right length, or all zero: a collector would refuse them too.
 */
export function decodeTraces(request: unknown): ReceivedSpan[] {
  const { resourceSpans = [] } = request as ExportTraceServiceRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const decodedResource = decodeAttributes(resource?.attributes);
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => decodeSpan(span, decodedResource)));
  });
}

function decodeSpan(span: WireSpan, resource: ReceivedAttributes): ReceivedSpan {
  return {
    traceId: identifier(span.traceId, 32),
    spanId: identifier(span.spanId, 16),
    parentSpanId: span.parentSpanId === undefined || span.parentSpanId === '' ? undefined : identifier(span.parentSpanId, 16),
    name: span.name,
    kind: span.kind ?? 0,
    startTime: BigInt(span.startTimeUnixNano),
    endTime: BigInt(span.endTimeUnixNano),
    attributes: decodeAttributes(span.attributes),
    links: (span.links ?? []).map((link) => ({
      traceId: identifier(link.traceId, 32), spanId: identifier(link.spanId, 16), attributes: decodeAttributes(link.attributes),
    })),
    events: (span.events ?? []).map((event) => ({ name: event.name, attributes: decodeAttributes(event.attributes) })),
    status: { code: span.status?.code ?? 0, message: span.status?.message },
    resource,
  };
}

function identifier(text: string, digits: number): string {
  const lower = String(text).toLowerCase();
  if (!new RegExp(`^[0-9a-f]{${digits}}$`).test(lower) || /^0+$/.test(lower)) throw new Error(`"${text}" is no id of ${digits} hexadecimal digits.`);
  return lower;
}

export function decodeAttributes(attributes: readonly KeyValue[] = []): ReceivedAttributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, decodeValue(value)]));
}

function decodeValue(value: AnyValue = {}): ReceivedValue {
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(decodeValue);
  if (value.kvlistValue !== undefined) return decodeAttributes(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}
