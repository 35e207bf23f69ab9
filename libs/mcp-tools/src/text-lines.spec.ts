import { beforeEach, describe, expect, it } from '@jest/globals';
import { textLines } from './text-lines.js';

describe('text in pieces', () => {
  let taken: string[];
  let lines: ReturnType<typeof textLines>;
  beforeEach(() => {
    taken = [];
    lines = textLines(8, (line) => taken.push(line));
  });

  it('is given line by line, however it is cut', () => {
    for (const piece of ['on', 'e\ntw', 'o\r\n\n  \nthree\nfour']) lines.write(piece);
    expect(taken).toEqual(['one', 'two', 'three']);
    lines.end();
    expect(taken).toEqual(['one', 'two', 'three', 'four']);
  });

  it('keeps no more of a line than is told of it', () => {
    for (let piece = 0; piece < 1_000; piece += 1) lines.write('abcdef');
    lines.write('\nnext\n');
    expect(taken).toEqual(['abcdefab', 'next']);
  });
});
