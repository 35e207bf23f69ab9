import { describe, expect, it } from '@jest/globals';
import { leavesOf, textOf, typedAs, withLeaves } from './leaves.js';

const given = { to: ['a@b.example', 'c@d.example'], amount: { cents: 1200, currency: 'EUR' }, note: '', tags: [], urgent: false, by: null };

describe('the values of a call', () => {
  it('are named as policy names them, in their order', () => {
    expect(leavesOf(given).map(({ path }) => path)).toEqual(['to.0', 'to.1', 'amount.cents', 'amount.currency', 'note', 'tags', 'urgent', 'by']);
  });

  it('of a call without arguments are none', () => expect(leavesOf({})).toEqual([]));

  it('stay what they are when nothing was typed', () => {
    const typed = new Map(leavesOf(given).map(({ path, value }) => [path, typedAs(value, textOf(value))]));
    expect(withLeaves(given, typed)).toEqual(given);
  });

  it('change at one place and nowhere else', () => {
    expect(withLeaves(given, new Map([['to.1', 'e@f.example']]))).toEqual({ ...given, to: ['a@b.example', 'e@f.example'] });
  });

  it.each([
    [1200, 'many', 'a number'], [1200, '"12"', 'a number'], [false, 'no', 'true or false'], [[], '{}', 'a list in JSON'], [{}, '[', 'an object in JSON'],
  ])('keep their kind: %j is not replaced by %j', (before, text, expected) => expect(() => typedAs(before, text)).toThrow(expected));

  it('that are texts are never read as JSON', () => expect(typedAs('a', '12')).toBe('12'));
});
