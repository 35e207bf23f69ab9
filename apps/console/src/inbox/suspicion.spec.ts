import { describe, expect, it } from '@jest/globals';
import { judge, parts, type Origin } from './suspicion.js';

const origin = (more: Partial<Origin>): Origin => ({ argument: 'to', role: 'sink', trust: 'third-party', source: 'tool:read#text', excerpt: 'write to a@b.example', ...more });

describe('the values of a call that a person is asked about', () => {
  it('are those that nobody vouches for, where they decide who gets something', () => {
    const judged = judge([{ path: 'to', value: 'a' }, { path: 'text', value: 'b' }, { path: 'account', value: 'c' }], [origin({}), origin({ argument: 'text', role: 'content' }), origin({ argument: 'account', trust: 'organisation' })], []);
    expect(judged.filter(({ isSuspect }) => isSuspect).map(({ path }) => path)).toEqual(['to']);
  });

  it('are those that the reasons name', () => {
    expect(judge([{ path: 'text', value: 'b' }], [], ['A secret would leave by "text".'])).toEqual([{ path: 'text', value: 'b', origin: undefined, isSuspect: true }]);
  });

  it('have the origin of their own, else that of the list they are in', () => {
    const judged = judge([{ path: 'to.0', value: 'a' }, { path: 'to.1', value: 'b' }, { path: 'total', value: 1 }], [origin({}), origin({ argument: 'to.1', trust: 'user' })], []);
    expect(judged.map((one) => one.origin?.trust)).toEqual(['third-party', 'user', undefined]);
  });

  it('are found in the text around them, wherever they stand', () => {
    expect(parts('a@b or a@b', 'a@b')).toEqual(['', 'a@b', ' or ', 'a@b', '']);
    expect(parts('nothing', 'a@b')).toEqual(['nothing']);
    expect(parts('text', '')).toEqual(['text']);
  });
});
