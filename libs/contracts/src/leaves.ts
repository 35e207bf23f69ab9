import type { Label } from './labels.js';

export type Path = readonly string[];

/** No contract declares anything deeper, and hostile nesting must not make paths as long as the document. */
const LONGEST_PATH = 64;

/** The path one key further down; below {@link LONGEST_PATH} everything shares its ancestor's path. */
export function below(path: Path, key: string): Path {
  return path.length < LONGEST_PATH ? [...path, key] : path;
}

/** A single value of a JSON document with the keys that lead to it. */
export interface Leaf {
  readonly path: Path;
  readonly value: string | number | boolean | null;
  /** Set where the value is a member's name. */
  readonly isName?: true;
}

/** All leaves of a JSON value. Members' names are data too when `names` says so: an author can write a value into one. */
export function leavesOf(root: unknown, options: { readonly names: boolean }, path: Path = []): readonly Leaf[] {
  const leaves: Leaf[] = [];
  // A stack of its own: the nesting of a hostile document must not exhaust the engine's.
  const pending: { readonly value: unknown; readonly path: Path }[] = [{ value: root, path }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value } = next;
    if (value === undefined) continue;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      leaves.push({ path: next.path, value });
    } else if (typeof value === 'object') {
      const members = Object.entries(value);
      for (const [name, member] of members.reverse()) {
        const at = below(next.path, name);
        pending.push({ value: member, path: at });
        if (options.names && !Array.isArray(value)) leaves.push({ path: at, value: name, isName: true });
      }
    }
  }
  return leaves;
}

/** Something declared for dotted paths, `*` standing for any one key; read by {@link nearest}. */
export interface Declared<T> {
  readonly path: Path;
  readonly value: T;
}

export function declarations<T>(byPath: Readonly<Record<string, T>>): readonly Declared<T>[] {
  return Object.entries(byPath).map(([path, value]) => ({ path: path === '' ? [] : path.split('.'), value }));
}

/**
 * What is declared for the nearest path at or above this one; a literal key is nearer than `*`. Paths are compared key
 * by key, so a document's key that itself contains a dot can never claim a declaration made for a nested field.
 */
export function nearest<T>(declared: readonly Declared<T>[], path: Path): T | undefined {
  let best: { readonly value: T; readonly rank: number } | undefined;
  for (const candidate of declared) {
    if (candidate.path.length > path.length) continue;
    if (!candidate.path.every((key, at) => key === '*' || key === path[at])) continue;
    const rank = candidate.path.length * 1000 - candidate.path.filter((key) => key === '*').length;
    if (best === undefined || rank > best.rank) best = { value: candidate.value, rank };
  }
  return best?.value;
}

export type Labels = readonly Declared<Label>[];
