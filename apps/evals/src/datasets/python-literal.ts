/**
 * Reads a Python literal, as `repr` writes lists, dictionaries, strings, numbers, booleans and None, into its JSON form.
 * Undefined for anything else, which is then a text like any other.
 */
export function readPythonLiteral(text: string): unknown {
  return wholeOf(text, (reader) => reader.value());
}

/** A call as Python writes it: values without a name in their order, and those with one. */
export interface PythonCall {
  readonly name: string;
  readonly positional: readonly unknown[];
  readonly named: Readonly<Record<string, unknown>>;
}

/** Reads a call whose arguments are literals, such as `cd(folder='document')`. Undefined for anything else. */
export function readPythonCall(text: string): PythonCall | undefined {
  return wholeOf(text, (reader) => reader.call());
}

/** What is read of a text that is that and nothing else. */
function wholeOf<T>(text: string, read: (reader: Reader) => T): T | undefined {
  const reader = new Reader(text);
  try {
    const found = read(reader);
    return reader.isAtEnd ? found : undefined;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

class NoLiteral extends Error {}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', b: '\b', f: '\f', v: '\v', a: '\u0007', '0': '\0' };
const WORDS: readonly (readonly [string, unknown])[] = [['True', true], ['False', false], ['None', null]];

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    this.skip();
    return this.at === this.text.length;
  }

  value(): unknown {
    this.skip();
    const next = this.text[this.at];
    if (next === '[') return this.items(']');
    if (next === '(') return this.items(')');
    if (next === '{') return this.members();
    if (next === "'" || next === '"') return this.string(next);
    const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/i.exec(this.text.slice(this.at, this.at + 40))?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return Number(number);
    }
    for (const [word, meaning] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return meaning;
    }
    throw new NoLiteral();
  }

  call(): PythonCall {
    const name = this.word(/^[A-Za-z_][\w.]*/);
    if (name === undefined || !this.takes('(')) throw new NoLiteral();
    const positional: unknown[] = [];
    const named: [string, unknown][] = [];
    for (; !this.takes(')'); this.takes(',')) {
      const key = this.word(/^[A-Za-z_]\w*(?=\s*=)/);
      if (key === undefined) positional.push(this.value());
      else if (this.takes('=')) named.push([key, this.value()]);
    }
    return { name, positional, named: Object.fromEntries(named) };
  }

  private word(form: RegExp): string | undefined {
    this.skip();
    const found = form.exec(this.text.slice(this.at))?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private items(end: string): unknown[] {
    const items: unknown[] = [];
    for (this.at += 1; !this.takes(end); this.takes(',')) items.push(this.value());
    return items;
  }

  private members(): Record<string, unknown> {
    const members: [string, unknown][] = [];
    for (this.at += 1; !this.takes('}'); this.takes(',')) {
      const name = this.value();
      if (!this.takes(':')) throw new NoLiteral();
      members.push([String(name), this.value()]);
    }
    return Object.fromEntries(members);
  }

  private string(quote: string): string {
    let text = '';
    for (this.at += 1; this.text[this.at] !== quote; this.at += 1) {
      const character = this.text[this.at];
      if (character === undefined) throw new NoLiteral();
      text += character === '\\' ? this.escaped() : character;
    }
    this.at += 1;
    return text;
  }

  private escaped(): string {
    this.at += 1;
    const kind = this.text[this.at] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[kind];
    if (digits === undefined) return ESCAPES[kind] ?? `\\${kind}`;
    const code = Number.parseInt(this.text.slice(this.at + 1, this.at + 1 + digits), 16);
    this.at += digits;
    return String.fromCodePoint(code);
  }

  private takes(mark: string): boolean {
    this.skip();
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at += 1;
  }
}
