import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { adversarialText, soughtIn } from './adversarial-text.fixture.js';
import { fold } from './normalise.js';
import { holdsWords, wordsIn } from './words.js';

describe('whole words', () => {
  it.each([
    ['invoice po-7041.', 'po-7041'], ['(po-7041)', 'po-7041'], ['po-7041', 'po-7041'], ['write to a@b.example, today', 'a@b.example'], ['corvo print\'s invoice', 'corvo print'],
    ['xpo-7041 and po-7041', 'po-7041'], ['iban: pt50', 'pt50'],
  ])('"%s" holds "%s"', (text, words) => {
    expect(holdsWords(text, words)).toBe(true);
  });

  it.each([
    ['invoice po-7041x', 'po-7041'], ['invoice po-7041-b', 'po-7041'], ['acme-supplies', 'supplies'], ['supplies-acme', 'supplies'], ['x.a@b.example', 'a@b.example'],
    ['a@b.example.evil.example', 'a@b.example'], ['evil.b.example', 'b.example'], ['https://b.example/pay', 'https://b.example'], ['é\u0301cole', 'cole'], ['anything', ''],
  ])('"%s" does not hold "%s"', (text, words) => {
    expect(holdsWords(text, words)).toBe(false);
  });

  it('are among the words of the text, also where a letter is cut in two', () => {
    const isFoundByWords = (text: string, words: string): boolean => wordsIn(words).every((word) => wordsIn(text).includes(word));
    expect([holdsWords('\ud801\udc28bc', '\udc28bc'), isFoundByWords('\ud801\udc28bc', '\udc28bc')]).toEqual([true, true]);
    fc.assert(fc.property(adversarialText.chain((text) => fc.tuple(fc.constant(text), soughtIn([text]))), ([text, sought]) => !holdsWords(fold(text), fold(String(sought))) || isFoundByWords(fold(text), fold(String(sought)))), { numRuns: 3_000 });
  });
});
