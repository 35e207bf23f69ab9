import type { AuthorizeAnswer, AuthorizeRequest } from '@holdfast/contracts';
import { METRIC, UNDECLARED_TOOL, type Metrics } from '@holdfast/observability';
import type { BundleProvider, ReloadOutcome } from './bundles/policy-folder.js';

/** What is measured of policy: its decisions, how long they take, and which bundle is in force. */
export class PolicyMetrics {
  constructor(private readonly metrics: Metrics, private readonly bundles: BundleProvider) {
    metrics.record(METRIC.policyBundle, 1, { digest: bundles.current().digest });
  }

  /** Asks, and measures the answer. A question that fails is no decision, yet it took its time. */
  async measure({ calls }: AuthorizeRequest, ask: () => Promise<AuthorizeAnswer>): Promise<AuthorizeAnswer> {
    const start = performance.now();
    try {
      const answer = await ask();
      answer.verdicts.forEach(({ outcome }, at) => this.metrics.count(METRIC.policyDecisions, { outcome, tool: this.declared(calls[at]?.tool) }));
      return answer;
    } finally {
      this.metrics.record(METRIC.policyDecisionDuration, (performance.now() - start) / 1_000, {});
    }
  }

  reloaded(outcome: ReloadOutcome): void {
    if (outcome.status === 'refused') this.metrics.count(METRIC.policyBundlesRefused, {});
    if (outcome.status !== 'loaded') return;
    // A series that is once there is exported for as long as the process lives, so the bundle that went has to say so.
    this.metrics.record(METRIC.policyBundle, 0, { digest: outcome.previous });
    this.metrics.record(METRIC.policyBundle, 1, { digest: outcome.digest });
  }

  private declared(tool: string | undefined): string {
    return tool !== undefined && this.bundles.current().tools.has(tool) ? tool : UNDECLARED_TOOL;
  }
}
