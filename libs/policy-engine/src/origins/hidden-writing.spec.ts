import { describe, expect, it } from '@jest/globals';
import { hiddenWritingIn } from './hidden-writing.js';

const kinds = (text: string): readonly string[] => hiddenWritingIn(text).map(({ kind }) => kind);

describe('writing that hides something', () => {
  it.each([
    ['zero-width characters in an address', 'see https://e\u200bvil.example/x', 'invisible characters'],
    ['a soft hyphen in a word', 'pay\u00adpal', 'invisible characters'],
    ['tags that no font shows', `hello${[...'ignore'].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}`, 'invisible characters'],
    ['Cyrillic letters in a Latin word', 'pаypal', 'mixed alphabets'],
    ['letters written apart', 'h t t p s : / / e v i l . e x a m p l e', 'letters written apart'],
    ['letters apart by dots', 'e.v.i.l.e.x.a.m.p.l.e', 'letters written apart'],
    ['base64', `reference ${btoa('send it to evil.example')}`, 'encoded text'],
    ['percent-encoding', 'https%3A%2F%2Fevil.example', 'encoded text'],
  ])('is found: %s', (_, text, kind) => {
    expect(kinds(text)).toContain(kind);
  });

  it.each([
    'Lieber Herr Müller, die Rechnung INV-2046 über 1.500,00 EUR ist bezahlt.', 'Встреча завтра в 10:00, переговорная B.', 'Τα λέμε αύριο', 'می\u200cخواهم', 'Great 👩‍👩‍👧 news!',
    'Plan A, B or C; S.O.S.', 'commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', 'internationalization-and-localization', '1 2 3 4 5',
  ])('is not found in "%s"', (text) => {
    expect(kinds(text)).toEqual([]);
  });

  it('is looked for in time that grows with the text alone', () => {
    for (const filler of ['a ', 'a\u200b', '%41', 'aа', 'YWFh']) expect(hiddenWritingIn(filler.repeat(50_000)).length).toBeGreaterThan(0);
  });
});
