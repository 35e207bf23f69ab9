import { describe, expect, it } from '@jest/globals';
import fastCheck from 'fast-check';
import { reciprocalRankFusion } from './reciprocal-rank-fusion.js';

const itself = (item: string): string => item;

describe('reciprocalRankFusion', () => {
  it('adds 1 / (60 + rank) over the rankings', () => {
    const fused = reciprocalRankFusion([['a', 'b'], ['b', 'c']], itself);

    expect(fused.map(({ item }) => item)).toEqual(['b', 'a', 'c']);
    expect(fused[0]?.score).toBeCloseTo(1 / 62 + 1 / 61, 12);
    expect(fused[2]?.score).toBeCloseTo(1 / 62, 12);
  });

  it('orders equal scores by the rank in the earlier ranking', () => {
    expect(reciprocalRankFusion([['z', 'a'], ['a', 'z']], itself).map(({ item }) => item)).toEqual(['z', 'a']);
    expect(reciprocalRankFusion([['m'], ['a']], itself).map(({ item }) => item)).toEqual(['m', 'a']);
  });

  it('counts a repeated item once in each ranking', () => {
    expect(reciprocalRankFusion([['a', 'a', 'a']], itself)).toEqual([{ item: 'a', score: 1 / 61 }]);
  });

  it('gives every item once, the better score first, and nobody before an item that leads in both', () => {
    const ranking = fastCheck.uniqueArray(fastCheck.string({ minLength: 1, maxLength: 3 }), { maxLength: 12 });
    fastCheck.assert(
      fastCheck.property(ranking, ranking, (first, second) => {
        const fused = reciprocalRankFusion([['best!', ...first], ['best!', ...second]], itself);
        expect(fused[0]?.item).toBe('best!');
        expect(fused.map(({ item }) => item).toSorted()).toEqual([...new Set(['best!', ...first, ...second])].toSorted());
        expect(fused.map(({ score }) => score)).toEqual(fused.map(({ score }) => score).toSorted((a, b) => b - a));
      }),
    );
  });
});
