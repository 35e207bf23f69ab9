import { describe, expect, it } from '@jest/globals';
import { placeOf, rangeOf, ticks } from './scale.js';

describe('the scale', () => {
  it('places instants in percent, and what is outside at its edge', () => {
    expect([90, 100, 150, 200, 999].map((at) => placeOf(at, { start: 100, end: 200 }))).toEqual([0, 0, 50, 100, 100]);
    expect(placeOf(5, { start: 5, end: 5 })).toBe(0);
  });

  it('is of the rows, with room, up to now where one goes on', () => {
    expect(rangeOf([{ start: 100, end: 1_100 }, { start: 50, end: 60 }], 9_999)).toEqual({ start: 50, end: 1_121 });
    expect(rangeOf([{ start: 100, end: undefined }], 200).end).toBe(202);
    expect(rangeOf([{ start: 100, end: 100 }], 0).end).toBe(110);
  });

  it('has round marks counted from the beginning of the run, no more than there is room for', () => {
    expect(ticks({ start: 1_000, end: 11_000 }, 1_000, 5)).toEqual([0, 2_000, 4_000, 6_000, 8_000, 10_000]);
    expect(ticks({ start: 6_500, end: 7_500 }, 1_000, 4)).toEqual([5_500, 6_000, 6_500]);
    expect(ticks({ start: 0, end: 3 * 86_400_000 }, 0, 3)).toEqual([0, 86_400_000, 172_800_000, 259_200_000]);
  });
});
