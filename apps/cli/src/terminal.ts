/** Where commands write. Results go to `out`, so that they can be piped. */
export interface Terminal {
  out(line: string): void;
  /** Goes on in the present line. */
  write(text: string): void;
}

/** Rows under their headings, each column as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
  return [line(headings), ...rows.map(line)].join('\n');
}

/** Text of others on one line: control characters could rewrite what the terminal shows. */
export function oneLine(text: string, length = 100): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`;
}

/** Text of others as it is written, with its line breaks. */
export function plainText(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
