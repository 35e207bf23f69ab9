import { below, isAtLeast, mostSecret, nearest, type EffectClass, type Label, type Labels, type Path, type Secrecy } from '@holdfast/contracts';
import { compact, fold, valueKey } from './normalise.js';
import { isShort, type UserWords } from './user-words.js';
import type { Echo } from './written-texts.js';

/** The call that gave a result, as the log has it. */
export interface ResultOf {
  readonly tool: string;
  readonly effect: EffectClass;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** One object of a result, by the fields that are directly in it. */
interface ReadRecord {
  /** Fields that the system of record sets itself: outside text cannot choose them. `isNew` says that the model had not written it, and no earlier record had it. */
  readonly own: readonly { readonly name: string; readonly key: string; readonly isNew: boolean }[];
  readonly secrecy: Secrecy;
  /** Fields by which people call such a thing, folded. */
  readonly names: readonly { readonly name: string; readonly folded: string }[];
}

interface ReadResult extends ResultOf {
  readonly records: readonly ReadRecord[];
  readonly words: readonly string[];
}

/** Words that say nothing of what is sought. */
const FILLING = new Set(['the', 'and', 'for', 'with', 'from', 'into', 'onto', 'about', 'over', 'that', 'this', 'these', 'those', 'what', 'which', 'when', 'where', 'who', 'are', 'was', 'were', 'been', 'have', 'has', 'had', 'will', 'would', 'should', 'could', 'can', 'may', 'all', 'any', 'each', 'some', 'our', 'your', 'their', 'his', 'her', 'its', 'please', 'append', 'add', 'send', 'write', 'read', 'find', 'get', 'give', 'make', 'put', 'look', 'tell', 'show']);
const MOST_RECORDS = 10_000;
const SHORTEST_NAME = 4;
/** `title`, `fileName`, `invoice_number`: what people call a thing by. Who made it or when is not among them. */
const NAME = /(?:name|title|subject|label|reference|number)_?$/i;

/**
 * What the run's results say of the things that calls act upon. A thing may be acted upon when this run created it, or when it
 * is the one that the requester named. Both rest on fields that the system of record sets itself (trust `organisation` or
 * better): an outsider can write another's identifier into a text, and cannot give it to a record.
 */
export class ReadRecords {
  /** The results in which a record has the identifier as its own, in the order in which they were read. */
  private readonly resultsOf = new Map<string, ReadResult[]>();
  private readonly keys = new Map<string, Secrecy>();
  private count = 0;

  add(call: ResultOf & { readonly echo: Echo }, content: unknown, whole: Label, fields: Labels): void {
    const records = recordsOf(content, whole, fields, MOST_RECORDS - this.count, (key, value) => !this.keys.has(key) && !call.echo.holds(compact(value)));
    for (const { own, secrecy } of records) for (const { key } of own) this.keys.set(key, mostSecret(this.keys.get(key) ?? 'public', secrecy));
    this.count += records.length;
    const result = { ...call, records, words: wordsOf(call.tool) };
    for (const key of new Set(records.flatMap(({ own }) => own.map((field) => field.key)))) {
      const known = this.resultsOf.get(key);
      if (known === undefined) this.resultsOf.set(key, [result]);
      else known.push(result);
    }
  }

  /** How secret the records with this identifier are, as far as they were read. */
  secrecyOf(value: string | number): Secrecy {
    return this.keys.get(valueKey(value) ?? '') ?? 'public';
  }

  /**
   * Whether an identifier is of a thing that this run created, or of the one that the requester named. `nouns` are what the
   * argument calls the thing, such as `file` of `file_id`: a short identifier counts only when it was read from a tool, or a
   * field, that is about the same thing, since calendars and drives number theirs alike.
   */
  standingOf(value: string | number, nouns: readonly string[], user: UserWords): 'created' | 'named' | undefined {
    const key = valueKey(value);
    if (key === undefined) return undefined;
    const short = isShort(fold(String(value)));
    let created = false;
    for (const result of this.resultsOf.get(key) ?? []) {
      const found = result.records.filter((record) => record.own.some((field) => field.key === key && (!short || isAbout(nouns, result.words, field.name))));
      if (found.length === 0) continue;
      if (result.effect !== 'read') created ||= found.some((record) => record.own.some((field) => field.key === key && field.isNew));
      else if (found.some((record) => isNamed(record, result, user))) return 'named';
    }
    return created ? 'created' : undefined;
  }
}

/** The requester wrote the record's name, and no other record of the result has it; or looked for it, and found this alone. */
function isNamed(record: ReadRecord, { records, arguments: args }: ReadResult, user: UserWords): boolean {
  const isUnique = record.names.some(({ name, folded }) => user.state(folded) && records.filter((other) => other.names.some((one) => one.name === name && one.folded === folded)).length === 1);
  return isUnique || (records.length === 1 && isSearch(args, user));
}

/** True when everything that was searched for is in the requester's words, and says more than one common word would. */
function isSearch(args: Readonly<Record<string, unknown>>, user: UserWords): boolean {
  const sought = Object.values(args).filter((value) => value !== null && value !== undefined && value !== '');
  const texts = sought.filter((value): value is string => typeof value === 'string');
  return texts.length === sought.length && texts.every((text) => user.cover(text)) && texts.some((text) => isDistinctive(text));
}

/** Something with a form of its own, or two words that mean something: "a summary to the" finds whatever a planner wants it to. */
function isDistinctive(text: string): boolean {
  const folded = fold(text);
  if (folded.length <= SHORTEST_NAME || !/\p{L}/u.test(folded)) return false;
  return /[\p{L}\p{N}][-_.@/#\p{N}]|\p{N}/u.test(folded) || folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 2 && !FILLING.has(word)).length >= 2;
}

function recordsOf(content: unknown, whole: Label, fields: Labels, most: number, isNew: (key: string, value: string) => boolean): readonly ReadRecord[] {
  const records: ReadRecord[] = [];
  const pending: { readonly value: unknown; readonly path: Path }[] = [{ value: content, path: [] }];
  for (let next = pending.pop(); next !== undefined && records.length < most; next = pending.pop()) {
    const { value, path } = next;
    if (value === null || typeof value !== 'object') continue;
    const members = Object.entries(value).map(([name, member]) => ({ name, member: member as unknown, path: below(path, name) }));
    for (const { member, path: at } of members) pending.push({ value: member, path: at });
    if (Array.isArray(value)) continue;
    const scalars = members.filter(({ member }) => typeof member === 'string' || typeof member === 'number');
    if (scalars.length === 0) continue;
    records.push({
      secrecy: scalars.reduce<Secrecy>((most, { path: at }) => mostSecret(most, (nearest(fields, at) ?? whole).secrecy), 'public'),
      own: scalars.flatMap(({ name, member, path: at }) => {
        const key = valueKey(member);
        return key !== undefined && isAtLeast((nearest(fields, at) ?? whole).trust, 'organisation') ? [{ name, key, isNew: isNew(key, String(member)) }] : [];
      }),
      names: scalars.flatMap(({ name, member }) => {
        const folded = fold(String(member));
        return NAME.test(name) && folded.length >= SHORTEST_NAME && /\p{L}/u.test(folded) ? [{ name, folded }] : [];
      }),
    });
  }
  return records;
}

/** The words of a name, each in the singular: `search_files` is search, file; `invoiceLines` is invoice, line. */
export function wordsOf(name: string): readonly string[] {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '').map(singular);
}

function singular(word: string): string {
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  return word.endsWith('s') && !word.endsWith('ss') && word.length > 3 ? word.slice(0, -1) : word;
}

const MEANS_IDENTIFIER = new Set(['id', 'ids', 'identifier', 'key', 'number', 'no', 'ref', 'reference', 'name']);

/**
 * What an argument calls the thing that it names: the words of its name but for those like "id"; where nothing is left, those
 * of the tool's name but for its verb.
 */
export function nounsOf(argument: string, tool: string): readonly string[] {
  const own = wordsOf(argument).filter((word) => !MEANS_IDENTIFIER.has(word) && !/^\d+$/.test(word));
  return own.length > 0 ? own : wordsOf(tool).slice(1);
}

function isAbout(nouns: readonly string[], toolWords: readonly string[], field: string): boolean {
  const known = new Set([...toolWords, ...wordsOf(field)]);
  return nouns.length > 0 && nouns.every((noun) => known.has(noun));
}
