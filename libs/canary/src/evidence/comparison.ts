import { metricName, type CanaryMetric, type EvidencePoint, type MetricEvidence } from '@holdfast/contracts';
import type { Arm } from '../runs/tried-run.js';
import { Bets } from './bets.js';

/** Losses of runs that have not become a pair yet: sums, and how many. */
interface Gathered {
  runs: number;
  readonly sums: number[];
}

/**
 * Two versions compared pair by pair. Runs are given in the order in which they began. A pair is as many of them as it takes to
 * have one of either version; its difference is that of the two mean losses. Which runs make a pair follows from the draw of
 * versions alone and never from how they went, so under "no worse" no difference has an expectation above 0, whatever share the
 * candidate gets and however the load changes.
 */
export class Comparison {
  private pairs = 0;
  private readonly open: Record<Arm, Gathered>;
  private readonly total: Record<Arm, Gathered>;
  private readonly harm: readonly Bets[];
  private readonly noHarm: readonly Bets[];

  constructor(private readonly metrics: readonly CanaryMetric[]) {
    const none = (): Gathered => ({ runs: 0, sums: metrics.map(() => 0) });
    this.open = { candidate: none(), incumbent: none() };
    this.total = { candidate: none(), incumbent: none() };
    this.harm = metrics.map(() => new Bets(0));
    // "Worse by the margin or more" is a claim about the negated difference: that its mean is at most the negated margin.
    this.noHarm = metrics.map(({ margin }) => new Bets(-margin));
  }

  /** Adds a run's losses; true when that made a pair. */
  add(arm: Arm, losses: readonly number[]): boolean {
    for (const gathered of [this.open[arm], this.total[arm]]) {
      gathered.runs += 1;
      for (const [at, loss] of losses.entries()) gathered.sums[at] = (gathered.sums[at] ?? 0) + loss;
    }
    const { candidate, incumbent } = this.open;
    if (candidate.runs === 0 || incumbent.runs === 0) return false;
    this.pairs += 1;
    for (const [at, bets] of this.harm.entries()) {
      // Sums of many means may miss the bounds by the last digit.
      const difference = Math.max(-1, Math.min(1, mean(candidate, at) - mean(incumbent, at)));
      bets.add(difference);
      this.noHarm[at]?.add(-difference);
    }
    for (const gathered of [candidate, incumbent]) {
      gathered.runs = 0;
      gathered.sums.fill(0);
    }
    return true;
  }

  /** What is known after the last pair. */
  get point(): EvidencePoint {
    const { candidate, incumbent } = this.total;
    const metrics = this.metrics.map((metric, at): MetricEvidence => ({ metric: metricName(metric), candidate: mean(candidate, at), incumbent: mean(incumbent, at), harm: this.harm[at]?.evidence ?? 0, noHarm: this.noHarm[at]?.evidence ?? 0 }));
    return { pairs: this.pairs, candidateRuns: candidate.runs, incumbentRuns: incumbent.runs, metrics };
  }
}

const mean = ({ runs, sums }: Gathered, at: number): number => (runs === 0 ? 0 : (sums[at] ?? 0) / runs);
