import { describe, expect, it } from '@jest/globals';
import { ago, duration } from './durations.js';

describe('times in words', () => {
  it('tells how long ago in one unit, also where clocks differ', () => {
    expect([-3_000, 4_999, 59_999, 60_000, 7_199_999, 90_000_000].map(ago)).toEqual(['just now', 'just now', '59 s ago', '1 min ago', '1 h ago', '1 d ago']);
  });

  it('tells how long in at most two', () => {
    expect([0, 350, 2_440, 42_000, 60_000, 200_000, 18_120_000, 180_000_000].map(duration)).toEqual(['0 ms', '350 ms', '2.4 s', '42 s', '1 min', '3 min 20 s', '5 h 2 min', '2 d 2 h']);
  });
});
