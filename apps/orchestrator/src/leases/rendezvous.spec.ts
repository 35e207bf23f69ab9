import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assign } from './rendezvous.js';

const members = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}-[0-9a-f]{1,8}$/), { minLength: 1, maxLength: 12 });
const partitions = fc.integer({ min: 1, max: 256 });

/** How many partitions have another owner. */
const moved = (before: readonly string[], after: readonly string[]): number => before.filter((owner, partition) => owner !== after[partition]).length;

describe('the owners of partitions', () => {
  it('are members, one for each partition, and nobody owns more than the rounded-up average', () => {
    fc.assert(fc.property(partitions, members, (count, who) => {
      const owners = assign(count, who);
      expect(owners).toHaveLength(count);
      expect(owners.every((owner) => who.includes(owner))).toBe(true);
      for (const member of who) expect(owners.filter((owner) => owner === member).length).toBeLessThanOrEqual(Math.ceil(count / who.length));
    }));
  });

  it('are the same whoever asks, in whatever order the members are known', () => {
    fc.assert(fc.property(partitions, members, (count, who) => {
      expect(assign(count, [...who].reverse())).toEqual(assign(count, who));
    }));
  });

  it('are nobody where there are no members', () => {
    expect(assign(8, [])).toEqual([]);
  });

  it('change by little more than the least on average: what the member that leaves had to give up', () => {
    let changes = 0;
    let least = 0;
    for (let round = 0; round < 300; round += 1) {
      const who = Array.from({ length: 2 + (round % 6) }, (_, index) => `pod-${round}-${index}`);
      const before = assign(32, who);
      changes += moved(before, assign(32, who.slice(1)));
      least += before.filter((owner) => owner === who[0]).length;
    }
    expect(changes / least).toBeLessThan(1.5);
  });
});
