import { canonicalJson } from '@holdfast/contracts';

/**
 * What was added between two readings of an audit: numbers as how much they grew, lists as the items that are new (each
 * as often as it is new), objects member by member, and anything else as it is afterwards.
 */
export function differenceOf(before: unknown, after: unknown): unknown {
  if (typeof after === 'number') return after - (typeof before === 'number' ? before : 0);
  if (Array.isArray(after)) return newItems(Array.isArray(before) ? before : [], after);
  if (after === null || typeof after !== 'object') return after;
  const known = before !== null && typeof before === 'object' ? (before as Record<string, unknown>) : {};
  return Object.fromEntries(Object.entries(after).map(([key, member]) => [key, differenceOf(known[key], member)]));
}

function newItems(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const left = new Map<string, number>();
  for (const item of before) left.set(canonicalJson(item), (left.get(canonicalJson(item)) ?? 0) + 1);
  return after.filter((item) => {
    const text = canonicalJson(item);
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count === 0;
  });
}
