import { describe, expect, it } from '@jest/globals';
import { effectClass } from '@holdfast/contracts';
import fc from 'fast-check';
import { scoreRisk } from './score.js';

describe('risk', () => {
  const subject = { effect: 'keyed', amount: 1_500_000, trustTier: 'supervised', thirdPartySinks: 0, unprovenSinks: 1, untrustedTargets: 1 } as const;

  it('is the sum of factors that explain themselves', () => {
    const { score, factors } = scoreRisk(subject);

    expect(score).toBe(15 + 20 + 25 + 5 + 5);
    expect(factors.map((factor) => factor.kind)).toEqual(['effect', 'amount', 'taint', 'taint', 'tier']);
  });

  it('has a factor for what is new, unasked, secret or not to be brought back', () => {
    const { score, factors } = scoreRisk({ ...subject, unprovenSinks: 0, untrustedTargets: 0, amount: 0, isNovel: true, isUnasked: true, carriesSecrets: true, isDestructive: true });
    expect([score, factors.map((factor) => factor.kind)]).toEqual([15 + 15 + 15 + 5 + 20 + 5, ['effect', 'effect', 'taint', 'novelty', 'secrecy', 'tier']]);
  });

  it('is nothing for a trusted agent that reads', () => {
    expect(scoreRisk({ ...subject, effect: 'read', amount: 0, trustTier: 'trusted' })).toEqual({ score: 0, factors: [] });
  });

  it('stays a whole number from 0 to 100 and never falls as the amount rises', () => {
    const count = fc.nat(3);
    fc.assert(fc.property(fc.constantFrom(...effectClass.options), fc.nat(), fc.nat(), fc.constantFrom('untrusted' as const, 'supervised' as const, 'trusted' as const), count, count, count, (effect, amount, more, trustTier, thirdPartySinks, unprovenSinks, untrustedTargets) => {
      const score = (cents: number): number => scoreRisk({ effect, amount: cents, trustTier, thirdPartySinks, unprovenSinks, untrustedTargets }).score;

      expect(Number.isInteger(score(amount)) && score(amount) >= 0 && score(amount + more) <= 100 && score(amount + more) >= score(amount)).toBe(true);
    }));
  });
});
