import { LineCounter, parseDocument } from 'yaml';

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const MAXIMUM_ALIASES = 100;

type Path = readonly PropertyKey[];

/** What a file declares, and where in it each part stands, for whoever has to correct it. */
export interface Declarations {
  readonly value: unknown;
  /** `line 7: `, of the deepest part of the path that was written at all; empty where nothing was. */
  lineOf(path: Path): string;
  /** `line 7: the tool "pay", field "retry.attempts": `, as far as the path says. */
  placeOf(path: Path): string;
}

/**
 * Reads YAML, which JSON is too, whose member `list` holds things of which each is called by `one` and its own name. Throws what
 * `invalid` makes of the reason: too many bytes, no YAML, a key twice, or more aliases than anybody needs.
 */
export function readDeclarations(text: string, { list, one }: { readonly list: string; readonly one: string }, invalid: (reason: string) => Error): Declarations {
  if (Buffer.byteLength(text) > MAXIMUM_BYTES) throw invalid(`it has more than ${MAXIMUM_BYTES} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [fault] = document.errors;
  if (fault !== undefined) throw invalid((fault.message.split('\n')[0] ?? 'it is no YAML').replace(/:$/, ''));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAXIMUM_ALIASES });
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : String(cause));
  }
  const lineOf = (path: Path): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = document.getIn(path.slice(0, length) as (string | number)[], true) as { readonly range?: readonly number[] } | undefined;
      if (node?.range?.[0] !== undefined) return `line ${lines.linePos(node.range[0]).line}: `;
    }
    return '';
  };
  const nameOf = ([first, index, ...field]: Path): string => {
    if (first !== list || typeof index !== 'number') return first === undefined ? '' : `"${[first, ...(index === undefined ? [] : [index]), ...field].map(String).join('.')}": `;
    const name = (value as Readonly<Record<string, readonly { readonly name?: unknown }[]>>)[list]?.[index]?.name;
    return `the ${one} ${typeof name === 'string' ? `"${name}"` : `number ${index + 1}`}${field.length === 0 ? '' : `, field "${field.map(String).join('.')}"`}: `;
  };
  return { value, lineOf, placeOf: (path) => `${lineOf(path)}${nameOf(path)}` };
}
