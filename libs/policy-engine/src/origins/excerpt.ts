import { compact } from './normalise.js';

const AROUND = 90;

/** One line of the text around a value, for people; the text's beginning where the value is not written literally. */
export function excerptAround(text: string, value: string): string {
  const positions: number[] = [];
  let letters = '';
  for (let at = 0; at < text.length; at += 1) {
    for (const character of compact(text[at] ?? '')) {
      letters += character;
      positions.push(at);
    }
  }
  const needle = compact(value);
  const found = needle === '' ? -1 : letters.indexOf(needle);
  const first = found < 0 ? 0 : (positions[found] ?? 0);
  const last = found < 0 ? 0 : (positions[found + needle.length - 1] ?? first);
  const start = Math.max(0, first - AROUND);
  const end = Math.min(text.length, Math.min(last, first + AROUND) + AROUND);
  return oneLine(`${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`);
}

/** A value on one line, cut to what a verdict may carry. */
export function oneLine(text: string): string {
  const line = text.slice(0, 2_000).replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
