import type { Exchange, HttpFault } from './http-fault.js';

const MOST_FIELDS = 200;
type Field = Exchange['fields'][number];

/** The leaves of a value in JSON by dotted path; an empty list or object is a leaf too. */
export function fieldsOf(value: unknown): readonly Field[] {
  const found: Field[] = [];
  const walk = (inner: unknown, path: string): void => {
    if (found.length >= MOST_FIELDS) return;
    const members = inner !== null && typeof inner === 'object' ? Object.entries(inner) : [];
    for (const [key, member] of members) walk(member, path === '' ? key : `${path}.${key}`);
    if (members.length === 0 && path !== '') found.push({ field: path, type: inner === null ? 'null' : (typeof inner as Field['type']) });
  };
  walk(value, '');
  return found;
}

/** The answer as a system gives it whose schema has changed, or whose texts an outsider wrote; as it is, where the field is missing. */
export function changed(answer: unknown, fault: Extract<HttpFault, { readonly kind: 'drift' | 'inject' }>): unknown {
  const copy: unknown = structuredClone(answer);
  const path = fault.field.split('.');
  const last = path.pop() ?? '';
  const holder = path.reduce<unknown>((inner, part) => (isHolder(inner) ? inner[part] : undefined), copy);
  if (!isHolder(holder) || !Object.hasOwn(holder, last)) return copy;
  const value = holder[last];
  if (fault.kind === 'inject') {
    if (typeof value === 'string') holder[last] = `${value} ${fault.text}`;
    return copy;
  }
  if (fault.change === 'added') holder[`${last}Next`] = value;
  if (fault.change === 'retyped') holder[last] = typeof value === 'string' ? { value } : String(value);
  if (fault.change === 'renamed') holder[`${last}Next`] = value;
  if (fault.change === 'renamed' || fault.change === 'removed') delete holder[last];
  return copy;
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}
