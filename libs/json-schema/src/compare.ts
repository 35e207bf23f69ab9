import { canonicalJson } from '@holdfast/contracts';
import { isObject, referenced } from './pointer.js';

/** Which way a schema faces: an input is written by us and read by the server, an output the other way round. */
export type Direction = 'input' | 'output';

/** One difference between two schemas. `breaking`: what was right before may be wrong now, or nobody can tell. */
export interface Difference {
  /** A dotted path into the value; empty for the whole. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'narrowed' | 'widened' | 'retyped' | 'unknown';
  readonly breaking: boolean;
  /** The difference as a sentence. */
  readonly text: string;
}

type Schema = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about which values are right. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', '$defs', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format']);
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const STRUCTURAL = new Set<string>(['type', 'properties', 'required', 'additionalProperties', 'items', 'enum', 'const', '$ref', ...LOWER_BOUNDS, ...UPPER_BOUNDS]);

/**
 * How a schema has changed. For an input, everything that was accepted must still be; for an output, nothing may be sent
 * that was not allowed before. So a narrower input and a wider output break. What cannot be judged (combined schemas,
 * patterns, formats, references that point elsewhere) and has changed in any way is `unknown`, and breaking.
 */
export function compareSchemas(before: Schema, after: Schema, direction: Direction): readonly Difference[] {
  const found: Difference[] = [];
  new Comparison(before, after, direction, found).compare(before, after, []);
  return found;
}

class Comparison {
  /** Pairs of references that are being compared already: a recursive schema is compared once. */
  private readonly seen = new Set<string>();

  constructor(private readonly wholeBefore: Schema, private readonly wholeAfter: Schema, private readonly direction: Direction, private readonly found: Difference[]) {}

  compare(givenBefore: unknown, givenAfter: unknown, path: readonly string[]): void {
    if (canonicalJson(givenBefore) === canonicalJson(givenAfter) && !mentionsReference(givenBefore)) return;
    const pair = `${referenceOf(givenBefore) ?? ''} ${referenceOf(givenAfter) ?? ''}`;
    if (pair !== ' ') {
      if (this.seen.has(pair)) return;
      this.seen.add(pair);
    }
    const before = resolved(this.wholeBefore, givenBefore);
    const after = resolved(this.wholeAfter, givenAfter);
    if (before === undefined || after === undefined) {
      if (canonicalJson(givenBefore) !== canonicalJson(givenAfter)) this.unknown(path, 'has a schema that cannot be compared');
      return;
    }
    this.types(before, after, path);
    this.choices(before, after, path);
    this.bounds(before, after, path);
    this.members(before, after, path);
    this.items(before, after, path);
    for (const keyword of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (ANNOTATIONS.has(keyword) || STRUCTURAL.has(keyword)) continue;
      if (canonicalJson(before[keyword] ?? null) !== canonicalJson(after[keyword] ?? null)) this.unknown(path, `has changed in "${keyword}", which cannot be compared`);
    }
    if (canonicalJson(before['format'] ?? null) !== canonicalJson(after['format'] ?? null)) this.unknown(path, `was of the format ${show(before['format'])} and is of the format ${show(after['format'])}`);
  }

  private types(before: Schema, after: Schema, path: readonly string[]): void {
    const [was, is] = [typesOf(before), typesOf(after)];
    // A whole number is a number, so that each of the two words stands for itself and "number" for both.
    const lost = was.filter((type) => !is.includes(type) && !(type === 'integer' && is.includes('number')));
    const gained = is.filter((type) => !was.includes(type) && !(type === 'integer' && was.includes('number')));
    if (lost.join() === 'number' && gained.length === 0 && is.includes('integer')) return this.narrowed(path, 'must now be a whole number');
    if (gained.join() === 'number' && lost.length === 0 && was.includes('integer')) return this.widened(path, 'need no longer be a whole number');
    if (lost.length > 0 && gained.length > 0) this.add(path, 'retyped', true, `was ${listed(was)} and is ${listed(is)}`);
    else if (lost.length > 0) this.narrowed(path, `may no longer be ${listed(lost)}`);
    else if (gained.length > 0) this.widened(path, `may also be ${listed(gained)}`);
  }

  private choices(before: Schema, after: Schema, path: readonly string[]): void {
    const [was, is] = [choicesOf(before), choicesOf(after)];
    if (was === undefined && is === undefined) return;
    if (was === undefined) return this.narrowed(path, `must now be one of ${is?.join(', ') ?? ''}`);
    if (is === undefined) return this.widened(path, `need no longer be one of ${was.join(', ')}`);
    // A whole number is a number, so that each of the two words stands for itself and "number" for both.
    const lost = was.filter((one) => !is.includes(one));
    const gained = is.filter((one) => !was.includes(one));
    if (lost.length > 0) this.narrowed(path, `may no longer be ${lost.join(', ')}`);
    if (gained.length > 0) this.widened(path, `may also be ${gained.join(', ')}`);
  }

  private bounds(before: Schema, after: Schema, path: readonly string[]): void {
    const one = (keyword: string, isTighter: (was: number, is: number) => boolean): void => {
      const [was, is] = [before[keyword], after[keyword]];
      if (was === is) return;
      if (typeof was === 'number' && typeof is === 'number') return isTighter(was, is) ? this.narrowed(path, `has the ${keyword} ${is} instead of ${was}`) : this.widened(path, `has the ${keyword} ${is} instead of ${was}`);
      if (was === undefined) return this.narrowed(path, `now has the ${keyword} ${show(is)}`);
      if (is === undefined) return this.widened(path, `no longer has the ${keyword} ${show(was)}`);
      this.unknown(path, `has changed in "${keyword}"`);
    };
    for (const keyword of LOWER_BOUNDS) one(keyword, (was, is) => is > was);
    for (const keyword of UPPER_BOUNDS) one(keyword, (was, is) => is < was);
  }

  private members(before: Schema, after: Schema, path: readonly string[]): void {
    const [was, is] = [membersOf(before), membersOf(after)];
    const [wasRequired, isRequired] = [requiredOf(before), requiredOf(after)];
    const [wasClosed, isClosed] = [before['additionalProperties'] === false, after['additionalProperties'] === false];
    for (const [name, schema] of Object.entries(was)) {
      const place = [...path, name];
      if (Object.hasOwn(is, name)) this.compare(schema, is[name], place);
      // Without its schema, a server that ignores what it does not know does something else than was asked.
      else if (this.direction === 'input') this.add(place, 'removed', true, 'was removed');
      else this.add(place, 'removed', !isClosed || wasRequired.has(name), 'was removed');
    }
    for (const name of Object.keys(is)) {
      if (Object.hasOwn(was, name)) continue;
      const isMust = isRequired.has(name);
      if (this.direction === 'input') this.add([...path, name], 'added', isMust || !wasClosed, `was added${isMust ? ' and must be given' : ''}`);
      else this.add([...path, name], 'added', wasClosed || !isOpen(before), 'was added');
    }
    for (const name of isRequired) if (!wasRequired.has(name) && Object.hasOwn(was, name)) this.narrowed([...path, name], 'must now be there');
    for (const name of wasRequired) if (!isRequired.has(name) && Object.hasOwn(is, name)) this.widened([...path, name], 'need no longer be there');
    for (const name of isRequired) if (!Object.hasOwn(is, name) && !wasRequired.has(name)) this.narrowed([...path, name], 'must now be there');
    for (const name of wasRequired) if (!Object.hasOwn(was, name) && !isRequired.has(name)) this.widened([...path, name], 'need no longer be there');
    if (wasClosed !== isClosed) {
      if (isClosed) this.narrowed(path, 'may no longer have further members');
      else this.widened(path, 'may have further members');
    } else if (!isClosed && canonicalJson(before['additionalProperties'] ?? true) !== canonicalJson(after['additionalProperties'] ?? true)) this.unknown(path, 'has changed in what further members may be');
  }

  private items(before: Schema, after: Schema, path: readonly string[]): void {
    const [was, is] = [before['items'], after['items']];
    if (was === undefined && is === undefined) return;
    this.compare(was ?? true, is ?? true, [...path, '*']);
  }

  private narrowed(path: readonly string[], text: string): void {
    this.add(path, 'narrowed', this.direction === 'input', text);
  }

  private widened(path: readonly string[], text: string): void {
    this.add(path, 'widened', this.direction === 'output', text);
  }

  private unknown(path: readonly string[], text: string): void {
    this.add(path, 'unknown', true, text);
  }

  private add(path: readonly string[], kind: Difference['kind'], breaking: boolean, text: string): void {
    const place = path.join('.');
    this.found.push({ path: place, kind, breaking, text: `${place === '' ? `The ${this.direction}` : `"${place}" of the ${this.direction}`} ${text}.` });
  }
}

const ALL_TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string'] as const;

function typesOf({ type }: Schema): string[] {
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : [...ALL_TYPES];
}

function choicesOf(schema: Schema): readonly string[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [canonicalJson(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map((one) => canonicalJson(one)) : undefined;
}

const membersOf = ({ properties }: Schema): Record<string, unknown> => (isObject(properties) ? { ...properties } : {});
const requiredOf = ({ required }: Schema): ReadonlySet<string> => new Set(Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []);
/** Further members may be anything. */
const isOpen = ({ additionalProperties }: Schema): boolean => additionalProperties === undefined || additionalProperties === true;

function referenceOf(value: unknown): string | undefined {
  return isObject(value) && typeof value['$ref'] === 'string' ? value['$ref'] : undefined;
}

function mentionsReference(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes('"$ref"');
}

/** The schema that a value stands for; undefined for what is none or points elsewhere. True is the schema that allows everything. */
function resolved(whole: Schema, value: unknown): Schema | undefined {
  let each = value;
  for (let depth = 0; depth < 20; depth += 1) {
    if (each === true) return {};
    if (!isObject(each)) return undefined;
    const reference = referenceOf(each);
    if (reference === undefined) return each;
    const { $ref: _reference, ...beside } = each;
    if (Object.keys(beside).some((keyword) => !ANNOTATIONS.has(keyword))) return undefined;
    each = reference === '#' ? whole : referenced(whole, reference);
  }
  return undefined;
}

const listed = (names: readonly string[]): string => names.join(' or ');
const show = (value: unknown): string => (value === undefined ? 'none' : JSON.stringify(value));
