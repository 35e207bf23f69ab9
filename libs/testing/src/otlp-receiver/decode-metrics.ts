import { decodeAttributes, type KeyValue, type ReceivedAttributes } from './decode-traces.js';

/** One series of a metric as it arrived over OTLP. */
export interface ReceivedPoint {
  readonly name: string;
  readonly unit: string | undefined;
  readonly attributes: ReceivedAttributes;
  /** Of a histogram, how many values it has. */
  readonly value: number;
  /** The sending process: `service.name` and the like. */
  readonly resource: ReceivedAttributes;
}

interface WirePoint {
  readonly attributes?: readonly KeyValue[];
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly count?: number | string;
}
type Points = { readonly dataPoints?: readonly WirePoint[] };
interface WireMetric { readonly name: string; readonly unit?: string; readonly sum?: Points; readonly gauge?: Points; readonly histogram?: Points }
interface ExportMetricsServiceRequest {
  readonly resourceMetrics?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeMetrics?: readonly { readonly metrics?: readonly WireMetric[] }[];
  }[];
}

/** Decodes the sums, gauges and histograms of an `ExportMetricsServiceRequest` in OTLP's JSON form. */
export function decodeMetrics(request: unknown): ReceivedPoint[] {
  const { resourceMetrics = [] } = request as ExportMetricsServiceRequest;
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) => scopeMetrics.flatMap(({ metrics = [] }) => metrics.flatMap(({ name, unit, sum, gauge, histogram }) =>
    ((sum ?? gauge ?? histogram)?.dataPoints ?? []).map(({ attributes, asInt, asDouble, count }) => ({
      name, unit, attributes: decodeAttributes(attributes), value: Number(asInt ?? asDouble ?? count), resource: decodeAttributes(resource?.attributes),
    })))));
}
