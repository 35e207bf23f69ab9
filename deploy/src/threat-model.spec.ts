import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REPOSITORY } from './index.js';

const page = readFileSync(join(REPOSITORY, 'docs/threat-model.md'), 'utf8');
/** A test as the page names it: its file in backticks, and then the beginnings of sentences, of which one or more stand after it. */
const named = [...page.matchAll(/`([\w./-]+\.(?:spec|contract|e2e)\.ts)`((?:,? ?"(?:\\"|[^"])+")+)/g)].flatMap(([, file = '', sentences = '']) => [...sentences.matchAll(/"((?:\\"|[^"])+)"/g)].map(([, sentence = '']) => [file, sentence.replaceAll('\\"', '"')] as const));

describe('the threat model', () => {
  it('has a row for each of the twenty risks, with a control and a test, or the row whose tests are its own', () => {
    const rows = page.split('\n').filter((line) => /^\| (?:ASI|LLM)\d\d /.test(line));
    expect(rows.map((row) => row.slice(2, 7))).toEqual([...Array.from({ length: 10 }, (_, at) => `ASI${String(at + 1).padStart(2, '0')}`), ...Array.from({ length: 10 }, (_, at) => `LLM${String(at + 1).padStart(2, '0')}`)]);
    for (const row of rows) expect(row.split('|')[3]).toMatch(/`[\w./-]+\.(?:spec|contract|e2e)\.ts` "|as ASI\d\d/);
  });

  it.each(named)('names tests that there are: %s "%s"', (file, sentence) => {
    const path = join(REPOSITORY, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(sentence.replaceAll("\\'", "'"));
  });

  it('names many', () => {
    expect(named.length).toBeGreaterThan(30);
  });
});
