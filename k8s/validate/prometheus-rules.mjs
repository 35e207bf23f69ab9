import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nameOf, ofKind } from './objects.mjs';

const REPOSITORY = join(import.meta.dirname, '../..');
const texts = { type: 'object', additionalProperties: { type: 'string' } };
const duration = { type: 'string', pattern: '^(0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$' };

/**
 * What the Prometheus Operator's PrometheusRule (monitoring.coreos.com/v1) takes of the fields that the chart uses. It is a definition of a
 * cluster's own, so the API server's schemas do not have it.
 */
export const PROMETHEUS_RULE_SCHEMA = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  additionalProperties: false,
  properties: {
    apiVersion: { const: 'monitoring.coreos.com/v1' },
    kind: { const: 'PrometheusRule' },
    metadata: { $ref: 'https://kubernetes.io/api/_definitions.json#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    spec: {
      type: 'object',
      required: ['groups'],
      additionalProperties: false,
      properties: {
        groups: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['name', 'rules'],
            additionalProperties: false,
            properties: {
              name: { type: 'string', minLength: 1 },
              interval: duration,
              rules: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'object',
                  required: ['alert', 'expr'],
                  additionalProperties: false,
                  properties: { alert: { type: 'string', minLength: 1 }, expr: { type: 'string', minLength: 1 }, for: duration, keep_firing_for: duration, labels: texts, annotations: texts },
                },
              },
            },
          },
        },
      },
    },
  },
};

/** What every alert promises to whoever it wakes: how bad it is, what happened, and a page that says what to do. */
export function alertRules(objects) {
  return ofKind(objects, 'PrometheusRule').flatMap((object) => object.spec.groups.flatMap(({ rules }) => rules.flatMap(({ alert, labels, annotations }) => {
    const findings = [];
    const say = (text) => findings.push(`${nameOf(object)}, alert ${alert}: ${text}`);
    if (!['critical', 'warning'].includes(labels?.severity)) say('its severity is neither critical nor warning');
    if (!annotations?.summary) say('it has no summary');
    if (!annotations?.runbook?.startsWith('docs/runbooks/') || !existsSync(join(REPOSITORY, annotations.runbook))) say(`its runbook ${annotations?.runbook} is no page of docs/runbooks`);
    return findings;
  })));
}
