import type { AgentDeclaration, EffectClass } from '@holdfast/contracts';

/** One reason for a score, with the points that it adds. */
export interface RiskFactor {
  readonly kind: 'effect' | 'amount' | 'novelty' | 'taint' | 'secrecy' | 'tier';
  readonly points: number;
  readonly explanation: string;
}

export interface RiskScore {
  /** From 0 (harmless) to 100. */
  readonly score: number;
  readonly factors: readonly RiskFactor[];
}

/** What the score is computed from; `amount` is in minor units, 0 where there is none. */
export interface RiskSubject {
  readonly effect: EffectClass;
  readonly amount: number;
  readonly trustTier: AgentDeclaration['trustTier'];
  readonly thirdPartySinks: number;
  readonly unprovenSinks: number;
  readonly untrustedTargets: number;
  /** What is acted upon, or where it goes, is new: the requester did not state it, and the tool has not acted upon it in this run. */
  readonly isNovel?: boolean;
  /** The requester has no part in the call. */
  readonly isUnasked?: boolean;
  /** Something secret may leave with it. */
  readonly carriesSecrets?: boolean;
  /** What it takes away cannot be brought back. */
  readonly isDestructive?: boolean;
}

/** The harder an effect is to take back or to find out about, the more it weighs. */
const effects: Readonly<Record<EffectClass, readonly [points: number, explanation: string]>> = {
  read: [0, 'only reads'],
  idempotent: [10, 'changes something, and may be repeated safely'],
  keyed: [15, 'changes something once per operation key'],
  reconcilable: [20, 'changes something that can be looked up afterwards'],
  'at-most-once': [30, 'changes something that cannot be looked up afterwards'],
};

const amounts: readonly (readonly [above: number, points: number])[] = [[10_000_000, 30], [1_000_000, 20], [100_000, 10], [10_000, 5]];
const tiers: Readonly<Record<RiskSubject['trustTier'], number>> = { trusted: 0, supervised: 5, untrusted: 15 };

/**
 * The risk of one call: the sum of its factors' points, at most 100. The weights are this project's judgement and no
 * standard; policies read the score as `context.risk`, so each factor is told with its points.
 */
export function scoreRisk(subject: RiskSubject): RiskScore {
  const factors: RiskFactor[] = [];
  const [effectPoints, effectText] = effects[subject.effect];
  add('effect', effectPoints, effectText);
  if (subject.isDestructive === true) add('effect', 15, 'what it takes away cannot be brought back');
  const amount = amounts.find(([above]) => subject.amount > above);
  if (amount !== undefined) add('amount', amount[1], `amount above ${amount[0] / 100} (major units)`);
  const writes = subject.effect !== 'read';
  if (writes && subject.thirdPartySinks > 0) add('taint', 50, 'a destination or amount comes from outside text');
  else if (writes && subject.unprovenSinks > 0) add('taint', 25, 'nobody vouches for a destination or amount');
  if (writes && subject.untrustedTargets > 0) add('taint', 5, 'the record acted upon was named by outside text or by the model');
  if (writes && subject.isUnasked === true) add('taint', 15, 'the requester has no part in it');
  if (writes && subject.isNovel === true) add('novelty', 5, 'what it acts upon is new in this run and was not stated by the requester');
  if (subject.carriesSecrets === true) add('secrecy', 20, 'something secret may leave with it');
  add('tier', tiers[subject.trustTier], `the agent is ${subject.trustTier}`);
  return { score: Math.min(100, factors.reduce((sum, factor) => sum + factor.points, 0)), factors };

  function add(kind: RiskFactor['kind'], points: number, explanation: string): void {
    if (points > 0) factors.push({ kind, points, explanation });
  }
}
