/** What a metric is, before anything is measured. */
export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** A unit of UCUM, or in braces what is counted. */
  readonly unit: string;
  readonly description: string;
  /** All that its values are told apart by; each has few values. */
  readonly attributes: readonly string[];
  /** A histogram's upper bounds, in its unit. */
  readonly buckets?: readonly number[];
}

/** The attributes of one value: each that the definition names, and no other. */
export type AttributesOf<Definition extends MetricDefinition> = Readonly<Record<Definition['attributes'][number], string>>;

/** What components measure with. It never fails and never waits. */
export interface Metrics {
  /** Counts one more. */
  count<Definition extends MetricDefinition & { readonly kind: 'counter' }>(counter: Definition, attributes: AttributesOf<Definition>): void;
  /** A histogram takes the value among its others; a gauge has this value from now on. */
  record<Definition extends MetricDefinition & { readonly kind: 'gauge' | 'histogram' }>(metric: Definition, value: number, attributes: AttributesOf<Definition>): void;
}

/** For whoever measures nothing. */
export const noMetrics: Metrics = { count: () => undefined, record: () => undefined };
