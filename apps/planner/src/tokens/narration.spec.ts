import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LONGEST_DELTA, isSaidAfter, tokenEvent, type TokenEvent } from '@holdfast/contracts';
import { Narration } from './narration.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function narration(attempt = 1) {
  const told: TokenEvent[] = [];
  return { told, narration: new Narration((event) => told.push(tokenEvent.parse(event)), { basis: 3, attempt }) };
}

const step = { basis: 3, attempt: 1 };

describe('what a model says', () => {
  it('is told together with all that comes within a moment', () => {
    const { narration: own, told } = narration();
    own.started('tried');
    for (const word of ['All ', 'of ', 'it ']) own.said(word);
    expect(told).toEqual([]);
    jest.advanceTimersByTime(50);
    own.said('is ');
    own.said('paid.');
    jest.advanceTimersByTime(50);
    own.ended('answered');

    expect(told).toEqual([
      { kind: 'started', ...step, n: 0, model: 'tried' },
      { kind: 'delta', ...step, n: 1, offset: 0, text: 'All of it ' },
      { kind: 'delta', ...step, n: 2, offset: 10, text: 'is paid.' },
      { kind: 'ended', ...step, n: 3, outcome: 'answered' },
    ]);
  });

  it('costs nothing when it is over sooner than anything would be told', () => {
    const { narration: own, told } = narration();
    own.started('instant');
    own.said('done');
    own.ended('answered');
    jest.runAllTimers();

    expect(told).toEqual([]);
  });

  it('is told of a second attempt in any case, since somebody may have heard the first', () => {
    const { narration: own, told } = narration(2);
    own.started('instant');
    own.said('done');
    own.ended('answered');

    expect(told.map(({ kind, attempt }) => [kind, attempt])).toEqual([['started', 2], ['delta', 2], ['ended', 2]]);
    const first = narration().narration;
    first.ended('recorded');
    const { narration: heir, told: said } = narration(2);
    heir.ended('recorded');
    expect(said).toEqual([{ kind: 'ended', basis: 3, attempt: 2, n: 0, outcome: 'recorded' }]);
  });

  it('begins anew with a model that is asked instead, and words that nobody heard are not told', () => {
    const { narration: own, told } = narration();
    own.started('first');
    jest.advanceTimersByTime(50);
    own.said('half an ans');
    own.started('second');
    own.said('whole');
    own.ended('answered');

    expect(told).toMatchObject([{ kind: 'started', model: 'first' }, { kind: 'started', model: 'second' }, { kind: 'delta', offset: 0, text: 'whole' }, { kind: 'ended' }]);
  });

  it('is told in pieces of a bounded size, however much comes at once', () => {
    const { narration: own, told } = narration();
    own.started('tried');
    own.said('x'.repeat(2.5 * LONGEST_DELTA));
    own.ended('answered');

    expect(told.filter((event) => event.kind === 'delta').map(({ offset, text }) => [offset, text.length])).toEqual([[0, LONGEST_DELTA], [LONGEST_DELTA, LONGEST_DELTA], [2 * LONGEST_DELTA, LONGEST_DELTA / 2]]);
  });

  it('that fails says why by its code', () => {
    const { narration: own, told } = narration();
    own.started('tried');
    jest.advanceTimersByTime(50);
    own.ended('failed', 'model.timeout');

    expect(told.at(-1)).toMatchObject({ kind: 'ended', outcome: 'failed', reason: 'model.timeout' });
  });
});

describe('the order of what is said', () => {
  it('is by step, then by attempt, then by message', () => {
    const at = (basis: number, attempt: number, n: number) => ({ basis, attempt, n });
    expect([isSaidAfter(at(2, 1, 0), at(1, 9, 9)), isSaidAfter(at(1, 2, 0), at(1, 1, 9)), isSaidAfter(at(1, 1, 2), at(1, 1, 1)), isSaidAfter(at(1, 1, 1), at(1, 1, 1))]).toEqual([true, true, true, false]);
  });
});
