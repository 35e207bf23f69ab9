import { describe, expect, it } from '@jest/globals';
import { parseExposition } from './scrape.js';

describe('the text that Prometheus reads', () => {
  it('is read with labels, escapes, infinities and times, and its comments are left out', () => {
    expect(parseExposition('# HELP a_total What.\n# TYPE a_total counter\na_total 3\n\na_total{x="1",y="say \\"a, b\\"\\\\\\n"} 1.5e-3 1700000000000\nb_bucket{le="+Inf"} +Inf\n')).toEqual([
      { name: 'a_total', labels: {}, value: 3 },
      { name: 'a_total', labels: { x: '1', y: 'say "a, b"\\\n' }, value: 0.0015 },
      { name: 'b_bucket', labels: { le: '+Inf' }, value: Infinity },
    ]);
  });

  it.each(['a total 1', 'a{x=1} 1', 'a{x="1" 1', 'a much', '1a 1'])('is refused where Prometheus would refuse it: %s', (line) => {
    expect(() => parseExposition(line)).toThrow(line);
  });
});
