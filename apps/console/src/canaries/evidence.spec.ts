import { describe, expect, it } from '@jest/globals';
import { curveOf, timesOf, type EvidencePoint } from './evidence.js';

const point = (pairs: number, harm: number, noHarm: number): EvidencePoint => ({ pairs, candidateRuns: pairs, incumbentRuns: pairs, metrics: [{ metric: 'failures', candidate: 0, incumbent: 0, harm, noHarm }, { metric: 'cost', candidate: 0, incumbent: 0, harm: 9, noHarm: 9 }] });
const thresholds = { harm: 4, noHarm: 2 };
const size = { width: 100, height: 92 };

describe('a curve of evidence', () => {
  it('begins even, in the middle, and goes up where evidence grows', () => {
    const { lines, even, mostPairs } = curveOf([point(10, 2.3, -2.3), point(40, 4.6, 0)], 'failures', thresholds, size);

    expect(even).toBe(46);
    expect(mostPairs).toBe(40);
    expect(lines).toEqual({ harm: 'M0 46 L25 23 L100 0', noHarm: 'M0 46 L25 69 L100 46' });
  });

  it('crosses a claim\'s level just where the evidence reaches the threshold', () => {
    const { lines, levels } = curveOf([point(1, thresholds.harm, thresholds.noHarm)], 'failures', thresholds, size);

    expect(lines).toEqual({ harm: `M0 46 L100 ${levels.harm}`, noHarm: `M0 46 L100 ${levels.noHarm}` });
    expect(levels.harm).toBeLessThan(levels.noHarm);
  });

  it('stays within the picture, however much was won or lost', () => {
    expect(curveOf([point(1, 900, -900)], 'failures', thresholds, size).lines).toEqual({ harm: 'M0 46 L100 0', noHarm: 'M0 46 L100 92' });
  });

  it('is level, without a pair', () => {
    expect(curveOf([], 'failures', thresholds, size)).toMatchObject({ lines: { harm: 'M0 46', noHarm: 'M0 46' }, mostPairs: 0 });
  });
});

describe('evidence in words', () => {
  it.each([[0, '1'], [Math.log(20), '20'], [Math.log(123.4), '123'], [-1, '0.368'], [-50, 'under 0.001'], [50, 'over a million']])('of the logarithm %s is %s times', (logarithm, words) => {
    expect(timesOf(logarithm)).toBe(words);
  });
});
