/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The JSON Canonicalization Scheme (RFC 8785): object members sorted by UTF-16 code units, no white space, numbers and
 * strings as ECMAScript writes them. Members whose value is `undefined` are left out, as `JSON.stringify` does.
 *
 * Throws `TypeError` for numbers that JSON cannot carry, since a digest over a silently altered value would be a lie.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string': return quoted(value);
    case 'number': return written(value);
    case 'object': return value === null ? 'null' : Array.isArray(value) ? elements(value) : members(value as Readonly<Record<string, unknown>>);
    default: return JSON.stringify(value) ?? 'null';
  }
}

/** Every step of every run is written and hashed by this function, so what follows avoids intermediate lists and calls. */
function elements(list: readonly unknown[]): string {
  let text = '[';
  for (let at = 0; at < list.length; at += 1) text += (at === 0 ? '' : ',') + canonicalJson(list[at]);
  return `${text}]`;
}

function members(record: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member !== undefined) text += `${text.length === 1 ? '' : ','}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

/** Printable ASCII without quotation mark and backslash stands for itself. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function written(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
  return String(value);
}
