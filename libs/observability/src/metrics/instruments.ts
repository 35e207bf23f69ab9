import type { Meter } from '@opentelemetry/api';
import { METRIC } from '../names.js';
import type { MetricDefinition, Metrics } from './definition.js';

type Take = (value: number, attributes: Readonly<Record<string, string>>) => void;

/** An instrument for each metric of the table. One that is never used is never exported. */
export function instrumentsOf(meter: Meter): Metrics {
  const instruments = new Map<string, Take>(Object.values<MetricDefinition>(METRIC).map((definition) => [definition.name, instrumentOf(meter, definition)]));
  const take = ({ name }: MetricDefinition, value: number, attributes: Readonly<Record<string, string>>): void => instruments.get(name)?.(value, attributes);
  return { count: (counter, attributes) => take(counter, 1, attributes), record: take };
}

function instrumentOf(meter: Meter, { name, kind, unit, description, buckets }: MetricDefinition): Take {
  const options = { unit, description };
  switch (kind) {
    case 'counter': {
      const counter = meter.createCounter(name, options);
      return (value, attributes) => counter.add(value, attributes);
    }
    case 'gauge': {
      const gauge = meter.createGauge(name, options);
      return (value, attributes) => gauge.record(value, attributes);
    }
    case 'histogram': {
      const histogram = meter.createHistogram(name, buckets === undefined ? options : { ...options, advice: { explicitBucketBoundaries: [...buckets] } });
      return (value, attributes) => histogram.record(value, attributes);
    }
  }
}
