import type { CanaryDeclaration, CanaryMetric } from '@holdfast/contracts';
import type { TriedRun } from './tried-run.js';

/**
 * The run's losses by the declared metrics, each from 0 (best) to 1 (worst); undefined while it is open and may still end in
 * time. `now` is in milliseconds since the Unix epoch.
 */
export function lossesOf(run: TriedRun, { metrics, judgedAfterSeconds }: Pick<CanaryDeclaration, 'metrics' | 'judgedAfterSeconds'>, now: number): readonly number[] | undefined {
  if (run.endedAt === undefined && now - run.startedAt <= judgedAfterSeconds * 1_000) return undefined;
  return metrics.map((metric) => lossOf(run, metric));
}

const whether = (is: boolean): number => (is ? 1 : 0);

function lossOf(run: TriedRun, metric: CanaryMetric): number {
  switch (metric.metric) {
    case 'failures': return whether(!run.completed);
    case 'latency': return whether(run.endedAt === undefined || run.endedAt - run.startedAt > metric.targetSeconds * 1_000);
    case 'cost': return Math.min(1, run.costMicros / metric.limitMicros);
    case 'denials': return whether(run.denied);
    case 'in-doubt': return whether(run.inDoubt);
    case 'overrides': return whether(run.overridden);
    case 'score': return metric.better === 'higher' ? 1 - scoreOf(run, metric.scorer) : scoreOf(run, metric.scorer);
  }
}

/** Scores of a run, by name: from 0 to 1. */
const SCORERS: Readonly<Record<Extract<CanaryMetric, { metric: 'score' }>['scorer'], (run: TriedRun) => number>> = {
  answered: (run) => whether(run.answered),
  'calls-succeeded': ({ calls: { succeeded, failed } }) => (succeeded + failed === 0 ? 1 : succeeded / (succeeded + failed)),
};

function scoreOf(run: TriedRun, scorer: keyof typeof SCORERS): number {
  return SCORERS[scorer](run);
}
