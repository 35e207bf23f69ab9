import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '@holdfast/deploy';
import { METRIC, startMetrics, type MetricDefinition } from '@holdfast/observability';
import { scrape } from './scrape.js';

/** The rule file, alert by alert: its name, and its text up to the next one. */
const alerts = readFileSync(join(REPOSITORY, 'k8s/holdfast/files/alerts.yaml'), 'utf8').split(/^ *- alert: /m).slice(1).map((text) => [text.split('\n', 1)[0] ?? '', text] as const);
const all = (text: string, pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].flatMap(([, found = '']) => found.split(/, */));

/** The labels of each metric under the name that Prometheus reads, with one value taken by each of the table. */
async function exposed(): Promise<ReadonlyMap<string, readonly string[]>> {
  const metrics = await startMetrics({ service: 'test', version: '1', scrape: { host: '127.0.0.1', port: 0 } });
  for (const definition of Object.values<MetricDefinition>(METRIC)) {
    const attributes = Object.fromEntries(definition.attributes.map((key) => [key, 'x']));
    if (definition.kind === 'counter') metrics.count(definition as MetricDefinition & { kind: 'counter' }, attributes);
    else metrics.record(definition as MetricDefinition & { kind: 'gauge' | 'histogram' }, 1, attributes);
  }
  const samples = await scrape(metrics.scrapeUrl ?? '');
  await metrics.shutdown();
  return new Map(samples.map(({ name, labels }) => [name, Object.keys(labels)]));
}

describe('the alerts of Prometheus', () => {
  let present: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => { present = await exposed(); });

  it('are those that were promised', () => {
    expect([...new Set(alerts.map(([name]) => name))]).toEqual(['HoldfastPermitRefused', 'HoldfastPolicyBundleRefused']);
  });

  it.each(alerts)('ask for metrics that there are, by labels that these have: %s', (_name, text) => {
    const metrics = [...new Set(all(text, /\b(holdfast_\w+)/g))];
    const labels = [...all(text, /[{,]\s*(\w+)\s*[=!]/g), ...all(text, /\b(?:by|without) \(([^)]*)\)/g), ...all(text, /\$labels\.(\w+)/g)];
    expect(metrics).toHaveLength(1);
    for (const metric of metrics) expect([...present.keys()]).toContain(metric);
    for (const label of labels) expect(present.get(metrics[0] ?? '')).toContain(label);
  });

  it.each(alerts)('send whoever they wake to a page that knows them and what they count: %s', (name, text) => {
    const [runbook = ''] = all(text, /^ *runbook: (\S+)$/gm);
    expect(existsSync(join(REPOSITORY, runbook))).toBe(true);
    const page = readFileSync(join(REPOSITORY, runbook), 'utf8');
    expect(page).toContain(`\`${name}\``);
    expect(Object.values(METRIC).some((metric) => text.includes(metric.name.replaceAll('.', '_')) && page.includes(`\`${metric.name}\``))).toBe(true);
  });
});
