import { describe, expect, it } from '@jest/globals';
import { formatVersion, isAtLeast, parseVersion } from './version.js';

describe('a broker’s version', () => {
  it.each([['nats-server: v2.15.1', '2.15.1'], ['nats-server: v2.12.0-RC.3', '2.12.0'], ['2.9.4\n', '2.9.4']])('is read from %j', (text, version) => {
    expect(formatVersion(parseVersion(text) ?? [0, 0, 0])).toBe(version);
  });

  it('is undefined when the text has none', () => {
    expect(parseVersion('command not found')).toBeUndefined();
  });

  it('is compared number by number, not letter by letter', () => {
    expect(isAtLeast([2, 12, 0], [2, 12, 0])).toBe(true);
    expect(isAtLeast([2, 9, 40], [2, 12, 0])).toBe(false);
    expect(isAtLeast([2, 100, 0], [2, 12, 9])).toBe(true);
    expect(isAtLeast([3, 0, 0], [2, 12, 0])).toBe(true);
    expect(isAtLeast([1, 99, 99], [2, 12, 0])).toBe(false);
    expect(isAtLeast([2, 12, 0], [2, 12, 1])).toBe(false);
  });
});
