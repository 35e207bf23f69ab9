import { describe, expect, it } from '@jest/globals';
import type { EffectClass } from '@holdfast/contracts';
import { EFFECT_CLASSES, MOMENTS, faultOf, isPlayed, planRounds, type Seen } from './plan.ts';

const judged = (effect: EffectClass, seen: Partial<Seen>): string | undefined => faultOf({ effect, moment: 'after-effect' }, { calls: ['succeeded'], effects: 1, struck: true, ...seen });

describe('the judgement of a round', () => {
  it.each(EFFECT_CLASSES.filter((effect) => effect !== 'read'))('accepts one effect that everybody is told of, of a tool that is %s', (effect) => {
    expect(judged(effect, { calls: ['succeeded', 'succeeded'] })).toBeUndefined();
  });

  it.each(EFFECT_CLASSES)('never accepts a second effect, of a tool that is %s', (effect) => {
    expect(judged(effect, { effects: 2 })).toBe('2 effects');
    expect(judged(effect, { effects: 2, calls: ['in-doubt'] })).toBe('2 effects');
  });

  it('accepts doubt only where there is neither a key nor a query', () => {
    for (const effects of [0, 1]) expect(judged('at-most-once', { effects, calls: ['in-doubt', 'in-doubt'] })).toBeUndefined();
    for (const effect of ['read', 'idempotent', 'keyed', 'reconcilable'] as const) expect(judged(effect, { calls: ['in-doubt'] })).toMatch(/doubt/);
  });

  it('demands one effect and success once a person has said what the record shows', () => {
    const said = (effects: number, call: Seen['calls'][number]): string | undefined => judged('at-most-once', { effects: 0, calls: ['in-doubt'], resolved: { calls: [call], effects } });
    expect(said(1, 'succeeded')).toBeUndefined();
    expect(said(2, 'succeeded')).toBe('2 effects after a person\'s word');
    expect(said(0, 'succeeded')).toMatch(/0 effects/);
    expect(said(1, 'unsettled')).toMatch(/in vain/);
  });

  it('accepts no success without an effect, no failure, no call without an end, and no two truths', () => {
    expect(judged('keyed', { effects: 0 })).toBe('a success without an effect');
    expect(judged('keyed', { calls: ['failed'] })).toBe('a call failed');
    expect(judged('read', { effects: 0, calls: ['unsettled'] })).toBe('a call has no end');
    expect(judged('at-most-once', { calls: ['succeeded', 'in-doubt'] })).toBe('two runs were told different things');
  });
});

describe('the plan', () => {
  it('plays every cell as often as asked, each time as an operation of its own', () => {
    const cells = EFFECT_CLASSES.flatMap((effect) => MOMENTS.map((moment) => ({ effect, moment })));
    const rounds = planRounds(cells, 3, Math.random);
    expect(rounds).toHaveLength(3 * cells.filter(isPlayed).length);
    expect(new Set(rounds.map(({ operation }) => operation)).size).toBe(rounds.length);
  });
});
