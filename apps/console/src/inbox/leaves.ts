/** A value inside a call's arguments that has none within it, such as `iban` or `to.0`. */
export interface Leaf {
  /** Dotted, as policy writes it. */
  readonly path: string;
  readonly value: unknown;
}

/** Every value of a call's arguments, in their order. An empty list or object is a value of its own. */
export function leavesOf(value: unknown, path = ''): readonly Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const members = Object.entries(value);
  if (members.length === 0 && path !== '') return [{ path, value }];
  return members.flatMap(([name, member]) => leavesOf(member, path === '' ? name : `${path}.${name}`));
}

/** The same arguments with other values at some paths; nothing else is touched. */
export function withLeaves(value: unknown, changes: ReadonlyMap<string, unknown>, path = ''): unknown {
  if (changes.has(path)) return changes.get(path);
  const inside = (name: string | number): string => (path === '' ? String(name) : `${path}.${name}`);
  if (Array.isArray(value)) return value.map((member, at) => withLeaves(member, changes, inside(at)));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withLeaves(member, changes, inside(name))]));
}

/** A value as a person reads and types it: a text as it is, and everything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What a person typed in the place of a value: a text where there was one, JSON of the same kind where there was something else. Throws a `SyntaxError` that says what was expected. */
export function typedAs(before: unknown, text: string): unknown {
  if (typeof before === 'string') return text;
  const kind = kindOf(before);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`This has to be ${kind}.`);
  }
  if (before !== null && kindOf(value) !== kind) throw new SyntaxError(`This has to be ${kind}.`);
  return value;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list in JSON';
  if (typeof value === 'number') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  return typeof value === 'object' && value !== null ? 'an object in JSON' : 'JSON';
}
