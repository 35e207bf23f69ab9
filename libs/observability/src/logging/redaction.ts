import { describeError } from './describe-error.js';

export const REDACTED = '[redacted]';

/** Keys, without separators and in lower case, whose value is a secret, as they stand or at the end of a longer key. */
const SECRET_KEY = /(authorization|cookie|password|passwd|passphrase|secret|seed|token|apikey|privatekey|credentials|permit|jwt)$/;

/** Secrets inside a text: passwords in URLs, bearer tokens, NATS seeds, the usual forms of API keys and JSON web tokens. */
const SECRET_VALUES: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/)[^\s"/@\\]*:[^\s"/@\\]*@/g, `$1${REDACTED}@`],
  [/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\bS[ACNOUX][A-Z2-7]{56}\b/g, REDACTED],
  [/\b(sk|pk|rk)-[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?/g, REDACTED],
];

/** Deeper values and longer lists are cut, so that one careless log call cannot stall a service. */
const MAXIMUM_DEPTH = 8;
const MAXIMUM_ENTRIES = 200;

/** Replaces what looks like a secret in a text; for whole log lines. */
export function redactText(text: string): string {
  let redacted = text;
  for (const [pattern, replacement] of SECRET_VALUES) redacted = redacted.replace(pattern, replacement);
  return redacted;
}

/**
 * A copy of a log record's fields for JSON: values of secret keys replaced at any depth, errors described, cycles and excess
 * cut. Pino's own redaction knows fixed paths only.
 */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return copyObject(fields, 0, new Set());
}

function copyObject(source: object, depth: number, ancestors: Set<object>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  ancestors.add(source);
  for (const [key, value] of Object.entries(source).slice(0, MAXIMUM_ENTRIES)) {
    copy[key] = isSecretKey(key) && value !== undefined && value !== null ? REDACTED : copyValue(value, depth + 1, ancestors);
  }
  ancestors.delete(source);
  return copy;
}

function copyValue(value: unknown, depth: number, ancestors: Set<object>): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.has(value)) return '[circular]';
  if (depth > MAXIMUM_DEPTH) return '[cut]';
  if (value instanceof Error) return copyObject(describeError(value), depth, ancestors);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return copyObject(Object.fromEntries(value), depth, ancestors);
  if (value instanceof Set) return copyList([...value], depth, ancestors);
  if (Array.isArray(value)) return copyList(value, depth, ancestors);
  if ('toJSON' in value && typeof value.toJSON === 'function') return copyValue(value.toJSON(), depth + 1, ancestors);
  return copyObject(value, depth, ancestors);
}

function copyList(list: readonly unknown[], depth: number, ancestors: Set<object>): unknown[] {
  ancestors.add(list);
  const copy = list.slice(0, MAXIMUM_ENTRIES).map((entry) => copyValue(entry, depth + 1, ancestors));
  ancestors.delete(list);
  return copy;
}

function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key.replace(/[^A-Za-z0-9]/g, '').toLowerCase());
}
