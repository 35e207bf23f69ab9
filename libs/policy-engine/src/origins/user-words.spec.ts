import { describe, expect, it } from '@jest/globals';
import { UserWords } from './user-words.js';

const words = (text: string): UserWords => {
  const said = new UserWords();
  said.add(text);
  return said;
};

describe('the requester\'s words', () => {
  it.each([
    ['Delete the file with ID 13.', '13', ['file']], ['Delete the file with the id "13"', '13', ['file']], ['please delete file 13', '13', ['file']], ['Files 3, 7 and 13 can go', '13', ['file']],
    ['Cancel event no. 13', '13', ['event']], ['Close ticket #13', '13', ['ticket']], ['Append to report.docx', 'report.docx', ['file']], ['13', '13', ['file']], ['Pay invoice INV-7', 'INV-7', ['invoice']], ['Tell Bob about it', 'Bob', ['recipient']], ['Move 20461337 to the archive', '20461337', ['file']],
  ])('"%s" identifies %s', (text, value, nouns) => {
    expect(words(text).identify(value, nouns)).toBe(true);
  });

  it.each([
    ['What are we going to do on June 13?', '13', ['file']], ['Book a table for 13 people', '13', ['event']], ['event 13 is boring, look at the files', '13', ['file']], ['Meet at 13:00', '13', ['event']], ['Write to Bobby', 'Bob', ['recipient']], ['We owe 204613 in all', '204613', ['file']],
    ['Delete the file with ID 135', '13', ['file']], ['read report.docx.bak', 'report.docx', ['file']], ['', '13', ['file']], ['move it to room rw', 'rw', ['file']],
  ])('"%s" does not identify %s', (text, value, nouns) => {
    expect(words(text).identify(value, nouns)).toBe(false);
  });

  it.each([
    ['an appointment on May 15th, 2024', '2024-05-15', true], ['on the 15th of May', '2024-05-15', true], ['on 2024-05-15', '2024-05-15 10:00', true], ['May 15th, 2023', '2024-05-15', false],
    ['on May 16th', '2024-05-15', false], ['the dental check-up', 'dental check-up', true], ['the dental check-up', 'salary', false],
  ])('"%s" covers "%s": %s', (text, value, covered) => {
    expect(words(text).cover(value)).toBe(covered);
  });
});
