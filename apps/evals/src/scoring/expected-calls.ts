import { z } from 'zod';
import { toolName, type Json, type RunEvent, type RunEventOf } from '@holdfast/contracts';
import { show } from './matching.js';
import { fail, pass, type Verdict } from './verdict.js';

/** What an argument may be: one of these values, or an object with members that fit one of these. */
export interface ArgumentPattern {
  readonly oneOf: readonly Json[];
  readonly members?: readonly Readonly<Record<string, ArgumentPattern>>[] | undefined;
  /** It may be left out. */
  readonly optional: boolean;
}

const argumentPattern: z.ZodType<ArgumentPattern> = z.lazy(() => z.strictObject({
  oneOf: z.array(z.json()).max(1_000).default([]),
  members: z.array(z.record(z.string(), argumentPattern)).max(100).optional(),
  optional: z.boolean().default(false),
})) as z.ZodType<ArgumentPattern>;

export const expectedCalls = z.strictObject({
  /** The calls that have to be made, and no others. An argument that is not named here must not be given. */
  calls: z.array(z.strictObject({ tool: toolName, arguments: z.record(z.string(), argumentPattern) })).max(500),
  /** Whether they have to come as they are listed. */
  inOrder: z.boolean().default(false),
  /** Only calls of these tools count; without it, all do. */
  among: z.array(toolName).max(500).optional(),
  /** Texts are compared in small letters, without spaces and ``,./-_*^``, and with one kind of quotation mark, as BFCL does. */
  looseTexts: z.boolean().default(false),
});
export type ExpectedCalls = z.infer<typeof expectedCalls>;

type Call = Pick<RunEventOf<'tool-called'>, 'tool' | 'arguments'>;

/** Judges the calls that were dispatched, each once however often it was delivered. */
export function scoreCalls(events: readonly RunEvent[], { calls: wanted, inOrder, among, looseTexts }: ExpectedCalls): Verdict {
  const made = events.filter((event): event is RunEventOf<'tool-called'> => event.type === 'tool-called').filter(({ tool }) => among === undefined || among.includes(tool));
  const fitsAt = (index: number, call: Call): boolean => fitsCall(wanted[index], call, looseTexts);
  const unmet = inOrder ? wanted.findIndex((_, index) => made[index] === undefined || !fitsAt(index, made[index])) : unmatched(wanted.length, made, fitsAt);
  if (unmet !== -1) return fail('calls', `no call is ${told(wanted[unmet])}${inOrder ? ` as number ${unmet + 1}` : ''}; made were ${made.map(({ tool, arguments: given }) => `${tool}(${show(given)})`).join(', ') || 'none'}`);
  if (made.length > wanted.length) return fail('calls', `${made.length} calls were made where ${wanted.length} were expected: ${made.map(({ tool }) => tool).join(', ')}`);
  return pass('calls', wanted.length === 0 ? 'no call was made' : `${wanted.length} calls are as expected`);
}

/** The first wanted call for which there is no call of its own, or -1. A call that fits two is given to the one that has no other (augmenting paths). */
function unmatched(count: number, made: readonly Call[], fitsAt: (index: number, call: Call) => boolean): number {
  const takenBy = new Map<number, number>();
  const place = (index: number, tried: Set<number>): boolean => made.some((call, at) => {
    if (tried.has(at) || !fitsAt(index, call)) return false;
    tried.add(at);
    const holder = takenBy.get(at);
    if (holder !== undefined && !place(holder, tried)) return false;
    takenBy.set(at, index);
    return true;
  });
  for (let index = 0; index < count; index += 1) if (!place(index, new Set())) return index;
  return -1;
}

function fitsCall(wanted: ExpectedCalls['calls'][number] | undefined, made: Call, loose: boolean): boolean {
  return wanted !== undefined && made.tool === wanted.tool && fitsMembers(wanted.arguments, made.arguments, loose);
}

function fitsMembers(wanted: Readonly<Record<string, ArgumentPattern>>, given: unknown, loose: boolean): boolean {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return false;
  const members = given as Readonly<Record<string, unknown>>;
  return Object.keys(members).every((name) => Object.hasOwn(wanted, name))
    && Object.entries(wanted).every(([name, pattern]) => (Object.hasOwn(members, name) ? fitsPattern(pattern, members[name], loose) : pattern.optional));
}

function fitsPattern({ oneOf, members }: ArgumentPattern, value: unknown, loose: boolean): boolean {
  return oneOf.some((option) => isSame(option, value, loose)) || (members ?? []).some((each) => fitsMembers(each, value, loose));
}

function isSame(wanted: unknown, given: unknown, loose: boolean): boolean {
  if (typeof wanted === 'string' && typeof given === 'string') return loose ? plain(wanted) === plain(given) : wanted === given;
  if (Array.isArray(wanted)) return Array.isArray(given) && given.length === wanted.length && wanted.every((item, index) => isSame(item, given[index], loose));
  if (wanted === null || typeof wanted !== 'object') return wanted === given;
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return false;
  const keys = Object.keys(wanted);
  return keys.length === Object.keys(given).length && keys.every((key) => Object.hasOwn(given, key) && isSame((wanted as Record<string, unknown>)[key], (given as Record<string, unknown>)[key], loose));
}

function plain(text: string): string {
  return text.replace(/[ ,./\-_*^]/g, '').toLowerCase().replaceAll("'", '"');
}

function told(wanted: ExpectedCalls['calls'][number] | undefined): string {
  if (wanted === undefined) return 'nothing';
  return `${wanted.tool}(${Object.entries(wanted.arguments).map(([name, { oneOf, members }]) => `${name}: ${[...oneOf, ...(members ?? [])].map(show).join(' or ')}`).join(', ')})`;
}
