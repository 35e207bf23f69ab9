import { describe, expect, it } from '@jest/globals';
import { BrokerClock } from './broker-clock.js';

const HOUR = 3_600_000;

describe('the broker\'s clock', () => {
  it('is the wall clock until the broker has been heard', () => {
    expect(new BrokerClock(() => 7, () => 1_000).now()).toBe(1_000);
  });

  it('goes on with the monotonic clock, wherever the wall clock jumps', () => {
    let [monotonic, wall] = [500, 1_000_000];
    const clock = new BrokerClock(() => monotonic, () => wall);
    clock.observe(50 * HOUR, 490, 510);
    expect(clock.now()).toBe(50 * HOUR);
    monotonic += 1_000;
    wall -= 5 * HOUR;
    expect(clock.now()).toBe(50 * HOUR + 1_000);
    wall += 30 * HOUR;
    expect(clock.now()).toBe(50 * HOUR + 1_000);
  });

  it('follows the broker when that one is set, but not from an answer that took long', () => {
    const clock = new BrokerClock(() => 2_000, () => 0);
    clock.observe(10_000, 990, 1_010);
    clock.observe(99_000, 1_000, 2_000);
    expect(clock.now()).toBe(11_000);
    clock.observe(20_000, 1_990, 2_010);
    expect(clock.now()).toBe(20_000);
  });
});
