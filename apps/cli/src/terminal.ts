/** Where commands write. Results go to `out`, so that they can be piped. */
export interface Terminal {
  out(line: string): void;
  /** Goes on in the present line. */
  write(text: string): void;
  /** Tells people how long work goes on; it is no part of the result. */
  note?(line: string): void;
  /** Asks whoever is at the terminal something to be agreed to; undefined where nobody is. */
  ask?: ((question: string) => Promise<boolean>) | undefined;
  /** Characters in a line; undefined where nobody reads lines. */
  readonly columns?: number | undefined;
}

const GAP = 2;

/**
 * Rows under their headings, each column as wide as its widest cell. Where that is too wide for the terminal, the widest columns go on in
 * lines below, broken between words: a name or an id is never broken or cut, so it can be copied.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], columns = Infinity): string {
  const cellsOf = (column: number): readonly string[] => [headings[column] ?? '', ...rows.map((row) => row[column] ?? '')];
  const widths = fitted(headings.map((_, column) => longest(cellsOf(column))), headings.map((_, column) => longest(cellsOf(column).flatMap((cell) => cell.split(/\s+/)))), columns);
  const lines = (cells: readonly string[]): readonly string[] => {
    const wrapped = headings.map((_, column) => wrap(cells[column] ?? '', widths[column] ?? 0));
    return Array.from({ length: Math.max(...wrapped.map(({ length }) => length)) }, (_, at) => wrapped.map((cell, column) => (cell[at] ?? '').padEnd(widths[column] ?? 0)).join(' '.repeat(GAP)).trimEnd());
  };
  return [headings, ...rows].flatMap(lines).join('\n');
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));

/** Takes from the widest column that can give, until all fit or none can. */
function fitted(widths: readonly number[], least: readonly number[], columns: number): readonly number[] {
  const fitting = [...widths];
  const all = (): number => fitting.reduce((sum, width) => sum + width, GAP * (fitting.length - 1));
  while (all() > columns) {
    const [widest] = fitting.map((_, column) => column).filter((column) => (fitting[column] ?? 0) > (least[column] ?? 0)).sort((one, other) => (fitting[other] ?? 0) - (fitting[one] ?? 0));
    if (widest === undefined) break;
    fitting[widest] = (fitting[widest] ?? 0) - 1;
  }
  return fitting;
}

function wrap(text: string, width: number): readonly string[] {
  if (text.length <= width) return [text];
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** What came of a command: one JSON value for programs, else text for people. */
export function show(terminal: Terminal, json: boolean | undefined, value: unknown, text: () => string): void {
  terminal.out(json === true ? JSON.stringify(value, null, 2) : text());
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
