import { describe, expect, it } from '@jest/globals';
import { scoreAnswerSchema, scoreMentions } from './answer-scorers.js';
import { expectedCalls, scoreCalls } from './expected-calls.js';
import { called, ended } from './history.fixture.js';

describe('the scorers of answers', () => {
  const schema = { type: 'object', required: ['paid'], properties: { paid: { type: 'integer' } } };

  it('judge an answer by a schema, and say what does not fit', () => {
    expect(scoreAnswerSchema([ended('{"paid":7}')], schema).passed).toBe(true);
    expect(scoreAnswerSchema([ended('{"paid":"7"}')], schema)).toMatchObject({ passed: false, reason: expect.stringContaining('"paid" must be integer') });
    expect(scoreAnswerSchema([ended('paid')], schema)).toMatchObject({ passed: false, reason: expect.stringContaining('is not JSON') });
    expect(scoreAnswerSchema([], schema).passed).toBe(false);
  });

  it('fail a case whose schema cannot be used', () => {
    expect(scoreAnswerSchema([ended('{}')], { type: 'thing' })).toMatchObject({ passed: false, reason: expect.stringContaining('cannot be used') });
  });

  it('look for texts whatever their letters and commas', () => {
    expect(scoreMentions([ended('You get 1,200 Dollars.')], ['1200 dollars', 'Euro']).map(({ passed }) => passed)).toEqual([true, false]);
    expect(scoreMentions([], ['x'])[0]?.passed).toBe(false);
  });
});

describe('the scorer of calls', () => {
  const call = (invoice: number) => ({ ...called('c', 'pay'), arguments: { invoice } }) as ReturnType<typeof called>;

  it('gives a call that fits two expectations to the one that has no other', () => {
    const wanted = expectedCalls.parse({ calls: [{ tool: 'pay', arguments: { invoice: { oneOf: [1, 2] } } }, { tool: 'pay', arguments: { invoice: { oneOf: [1] } } }] });
    expect(scoreCalls([call(1), call(2)], wanted).passed).toBe(true);
    expect(scoreCalls([call(2), call(2)], wanted)).toMatchObject({ passed: false, reason: expect.stringContaining('no call is pay(invoice: 1)') });
  });

  it('finds a call where none was expected', () => {
    expect(scoreCalls([], expectedCalls.parse({ calls: [] })).passed).toBe(true);
    expect(scoreCalls([call(1)], expectedCalls.parse({ calls: [] })).passed).toBe(false);
  });
});
