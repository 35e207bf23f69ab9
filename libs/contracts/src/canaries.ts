import { z } from 'zod';
import { agentName } from './catalog.js';
import { digest, instant } from './identifiers.js';
import { routeShare, stableBy } from './agents.js';

/** One token of a subject, in lower case, since people type it. */
export const canaryId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits or "-"');

const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits or "-"');
/** The harm that is tolerated, as a part of what is worst: 0.1 of failures is ten in a hundred more than the incumbent's. */
const margin = z.number().gt(0, 'must be above 0').lt(1, 'must be below 1').default(0.1);

/** What scorers of a run's log give, each from 0 to 1. */
export const canaryScorer = z.enum(['answered', 'calls-succeeded']);
export type CanaryScorer = z.infer<typeof canaryScorer>;

/**
 * What is compared between the two versions. Each metric gives a loss from 0 (best) to 1 (worst) for a run, because evidence
 * by betting needs bounded values: so what has no bound by nature is declared with one.
 */
export const canaryMetric = z.discriminatedUnion('metric', [
  z.strictObject({ metric: z.literal('failures').describe('Runs that did not complete, or not within `judgedAfterSeconds`.'), margin }),
  z.strictObject({ metric: z.literal('latency').describe('Runs that took longer than the target.'), targetSeconds: z.number().positive().max(86_400), margin }),
  z.strictObject({ metric: z.literal('cost').describe('What models cost, as a part of the limit; what costs more counts as the limit.'), limitMicros: z.number().int().positive(), margin }),
  z.strictObject({ metric: z.literal('denials').describe('Runs in which policy denied a call.'), margin }),
  z.strictObject({ metric: z.literal('in-doubt').describe('Runs with a call of which nobody knew whether it happened.'), margin }),
  z.strictObject({ metric: z.literal('overrides').describe('Runs in which a person rejected or changed a call, or stopped the run.'), margin }),
  z.strictObject({ metric: z.literal('score').describe('What a scorer gives for the run\'s log.'), scorer: canaryScorer, better: z.enum(['higher', 'lower']).default('higher'), margin }),
]);
export type CanaryMetric = z.infer<typeof canaryMetric>;

/** The name of a metric in evidence: scorers have each their own. */
export const metricName = (metric: CanaryMetric): string => (metric.metric === 'score' ? `score-${metric.scorer}` : metric.metric);

/** A version on trial: it takes a share of an agent's new tasks beside the incumbent, until evidence or a person ends it. */
export const canaryDeclaration = z.strictObject({
  id: canaryId,
  agent: agentName,
  candidate: digest.describe('The version on trial. What a version declares can be tried: its instructions, model, tools, strategy and budgets.'),
  percent: z.number().int().min(1).max(99).describe('Of the agent\'s new tasks.'),
  stableBy: stableBy.default('run').describe('What always gets the same version. Of each thread or requester, only the first run counts as evidence.'),
  metrics: z.array(canaryMetric).min(1).max(8).refine((metrics) => new Set(metrics.map(metricName)).size === metrics.length, 'names a metric twice'),
  alpha: z.number().min(0.001).max(0.5).default(0.05).describe('The probability, at most, that a version which is no worse is rolled back, and that one which is worse by a margin is promoted, however often it is looked at.'),
  minimumPairs: z.number().int().min(1).max(5_000).default(20).describe('Pairs before which nothing is decided. A pair is as many runs as it takes to have one of either version.'),
  maximumPairs: z.number().int().min(2).max(5_000).default(2_000).describe('Pairs after which it ends without a verdict, and the incumbent takes all tasks again.'),
  judgedAfterSeconds: z.number().int().min(1).max(604_800).default(3_600).describe('A run that has not ended after this time counts as it stands: as failed, and as late. Runs are judged in the order in which they began, so a slow one holds up those after it for so long at most.'),
  onRollback: z.enum(['leave']).default('leave').describe('What becomes of the candidate\'s running work: it ends on its version.'),
  comment: z.string().max(4_000).default(''),
}).check(({ value: { minimumPairs, maximumPairs, metrics, judgedAfterSeconds }, issues }) => {
  if (minimumPairs > maximumPairs) issues.push({ code: 'custom', message: 'must not be above maximumPairs', path: ['minimumPairs'], input: minimumPairs });
  for (const [at, metric] of metrics.entries()) {
    if (metric.metric === 'latency' && metric.targetSeconds > judgedAfterSeconds) issues.push({ code: 'custom', message: 'must not be above judgedAfterSeconds', path: ['metrics', at, 'targetSeconds'], input: metric.targetSeconds });
  }
});
export type CanaryDeclaration = z.infer<typeof canaryDeclaration>;

const by = z.string().min(1).max(256);

/** A canary as the gateway wrote it down: once, before anything was routed. */
export const declaredCanary = z.strictObject({
  declaration: canaryDeclaration,
  incumbent: digest,
  /** The route that it replaces: its sequence in the stream of agents (0: none), and its shares, which come back where the candidate does not stay. */
  seen: z.number().int().nonnegative(),
  before: z.array(routeShare).max(16),
  /** The sequence, in each partition of the log, from which on its runs are found. */
  from: z.array(z.number().int().positive()).max(1_024),
  by,
  at: instant,
});
export type DeclaredCanary = z.infer<typeof declaredCanary>;

/** What people say while it runs. */
export const canaryWord = z.strictObject({ word: z.enum(['pause', 'resume', 'promote', 'abort']), by, comment: z.string().max(4_000), at: instant });
export type CanaryWord = z.infer<typeof canaryWord>;

/** Of one metric after some pairs. Evidence is a natural logarithm: of how many times what was bet against a claim has grown. */
export const metricEvidence = z.strictObject({
  metric: name,
  /** Mean losses of the two versions. */
  candidate: z.number(),
  incumbent: z.number(),
  /** Against "the candidate is no worse". */
  harm: z.number(),
  /** Against "the candidate is worse by the margin or more". */
  noHarm: z.number(),
});
export type MetricEvidence = z.infer<typeof metricEvidence>;

/** A point of the curve of evidence. It follows from the log alone, so it is the same whoever computes it. */
export const evidencePoint = z.strictObject({ pairs: z.number().int().positive(), candidateRuns: z.number().int().positive(), incumbentRuns: z.number().int().positive(), metrics: z.array(metricEvidence).max(8) });
export type EvidencePoint = z.infer<typeof evidencePoint>;

/** New points, as the evals service computed them. */
export const canaryEvidence = z.strictObject({ points: z.array(evidencePoint).min(1).max(64), at: instant });
export type CanaryEvidence = z.infer<typeof canaryEvidence>;

/** What the evidence says, once: at the first pair at which a threshold was reached, or at the last one. It routes nothing; the gateway does. */
export const canaryVerdict = z.strictObject({
  verdict: z.enum(['roll-back', 'promote', 'inconclusive']),
  reason: z.string().max(1_000),
  evidence: evidencePoint,
  at: instant,
});
export type CanaryVerdict = z.infer<typeof canaryVerdict>;

/** How it ended, written once before the route is moved for the last time. `superseded`: somebody set another route meanwhile, which stays. */
export const canaryEnd = z.strictObject({
  outcome: z.enum(['promoted', 'rolled-back', 'inconclusive', 'aborted', 'superseded']),
  reason: z.string().max(4_000),
  by,
  at: instant,
});
export type CanaryEnd = z.infer<typeof canaryEnd>;
