import { describe, expect, it } from '@jest/globals';
import type { AuthorizeAnswer } from '@holdfast/contracts';
import { METRIC, UNDECLARED_TOOL, type Metrics } from '@holdfast/observability';
import { loadBundle } from '@holdfast/policy-engine';
import { KEY, catalog } from './authorizer/run.fixture.js';
import { PolicyMetrics } from './policy-metrics.js';

const bundle = loadBundle({ policies: { 'a.cedar': 'permit (principal, action, resource);' }, catalog, environment: 'test' });

function measured() {
  const told: unknown[][] = [];
  const metrics: Metrics = { count: ({ name }, attributes) => void told.push([name, attributes]), record: ({ name }, value, attributes) => void told.push([name, value, attributes]) };
  return { told, policy: new PolicyMetrics(metrics, { current: () => bundle }) };
}
const question = (...tools: readonly string[]) => ({ ...KEY, head: 1, calls: tools.map((tool, at) => ({ callId: `c${at}`, requestId: `r${at}`, tool, arguments: {} })) });
const answer = (...outcomes: readonly string[]) => ({ verdicts: outcomes.map((outcome) => ({ outcome })) }) as unknown as AuthorizeAnswer;
const seconds = expect.any(Number);

describe('what is measured of policy', () => {
  it('is each decision by outcome and tool, where a tool that nobody declared has no name of its own, and how long all took', async () => {
    const { told, policy } = measured();
    const given = answer('allow', 'deny');
    expect(await policy.measure(question('pay_invoice', `teleport-${Math.PI}`), () => Promise.resolve(given))).toBe(given);
    expect(told).toEqual([
      [METRIC.policyBundle.name, 1, { digest: bundle.digest }],
      [METRIC.policyDecisions.name, { outcome: 'allow', tool: 'pay_invoice' }],
      [METRIC.policyDecisions.name, { outcome: 'deny', tool: UNDECLARED_TOOL }],
      [METRIC.policyDecisionDuration.name, seconds, {}],
    ]);
  });

  it('is how long a failure took, and the failure goes on', async () => {
    const { told, policy } = measured();
    await expect(policy.measure(question('pay_invoice'), () => Promise.reject(new Error('behind')))).rejects.toThrow('behind');
    expect(told.slice(1)).toEqual([[METRIC.policyDecisionDuration.name, seconds, {}]]);
  });

  it('is which bundle is in force after a change, and each that was refused', () => {
    const { told, policy } = measured();
    policy.reloaded({ status: 'unchanged', digest: 'a' });
    policy.reloaded({ status: 'loaded', previous: 'a', digest: 'b' });
    policy.reloaded({ status: 'refused', digest: 'b', error: new Error('bad') as never });
    expect(told.slice(1)).toEqual([
      [METRIC.policyBundle.name, 0, { digest: 'a' }],
      [METRIC.policyBundle.name, 1, { digest: 'b' }],
      [METRIC.policyBundlesRefused.name, {}],
    ]);
  });
});
