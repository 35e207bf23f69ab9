import { describe, expect, it } from '@jest/globals';
import fastCheck from 'fast-check';
import { chunkText } from './chunk-text.js';

const sizes = { maximum: 40, overlap: 10 };

describe('chunkText', () => {
  it('keeps neighbouring paragraphs together while they fit', () => {
    expect(chunkText('Pay on time.\n\nAsk when unsure.\n\nEscalate above ten thousand.', sizes)).toEqual(['Pay on time.\n\nAsk when unsure.', 'Escalate above ten thousand.']);
  });

  it('splits a long paragraph after sentences and repeats the end of the piece before', () => {
    const passages = chunkText('The first rule is short. The second rule says rather more than that. End.', sizes);

    expect(passages).toEqual(['The first rule is short.', 'is short. The second rule says rather', 'rather more than that. End.']);
  });

  it('treats carriage returns and blank lines with spaces as ends of paragraphs', () => {
    expect(chunkText('one two three four five six\r\n  \r\nseven eight nine ten', sizes)).toEqual(['one two three four five six', 'seven eight nine ten']);
  });

  it('never cuts a character in two', () => {
    for (const passage of chunkText(`a${'😀'.repeat(200)}`, sizes)) expect(passage.isWellFormed()).toBe(true);
  });

  it('gives nothing for white space', () => {
    expect(chunkText(' \n\n \t ', sizes)).toEqual([]);
  });

  it('bounds every passage and loses no word, whatever the text', () => {
    const word = fastCheck.string({ minLength: 1, maxLength: 12, unit: fastCheck.constantFrom('a', 'b', '.', '😀', 'é') });
    const text = fastCheck.array(fastCheck.tuple(word, fastCheck.constantFrom(' ', '\n', '\n\n', '. ')), { maxLength: 60 });
    fastCheck.assert(
      fastCheck.property(text, (parts) => {
        const whole = parts.flat().join('');
        const passages = chunkText(whole, { maximum: 60, overlap: 20 });
        expect(passages.every((passage) => passage.length <= 60 && passage.trim().length > 0)).toBe(true);
        const found = new Set(passages.flatMap((passage) => passage.split(/\s+/)));
        expect(whole.split(/\s+/).filter((item) => item !== '' && !found.has(item))).toEqual([]);
      }),
    );
  });

  it('refuses sizes with which it could not advance', () => {
    expect(() => chunkText('text', { maximum: 10, overlap: 6 })).toThrow(RangeError);
  });
});
