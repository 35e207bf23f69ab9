import { HoldfastError, below, declarations, isAtLeast, leavesOf, nearest, type ArgumentOrigin, type ArgumentRole, type Leaf, type ToolContract } from '@holdfast/contracts';
import type { Origin, OriginIndex } from './origin-index.js';
import { isDate } from './dates.js';
import { oneLine } from './excerpt.js';
import { isDestructive } from './destroying.js';
import { nounsOf } from './read-records.js';
import { tellingIn } from './plain-writing.js';
import { sinksIn } from './sinks-in-content.js';
import { isShort } from './user-words.js';
import { compact, fold } from './normalise.js';

/** More values than this in one call are not judged, so the call is denied: a verdict must stay a readable message. */
export const MAXIMUM_VALUES = 256;

/** An argument's origin with the value itself, which reasons for people quote. */
export interface TracedArgument extends ArgumentOrigin {
  readonly value: string;
  /** Of a destroying call's target: the requester's own words ask for that act upon it. */
  readonly isAsked?: boolean;
  /** An address, or a piece that cannot be judged, within a text that is judged by itself. */
  readonly isWithin?: true;
}

/**
 * Where each value in a call's arguments came from, by the roles of the tool's contract.
 *
 * A value without a role is judged as a sink. `content` that the requester did not write carries the least trust of anything
 * read; every address in it, and every piece that is no plain writing and that no record holds, counts as a sink of its own. A member's name that the input schema does not declare is a
 * value as well. A read writes nowhere, so of its values only those are judged that the contract calls sinks, and web
 * addresses, since fetching one tells its owner whatever it holds.
 * Throws `policy.too-many-values` above {@link MAXIMUM_VALUES}.
 */
export function traceArguments(contract: ToolContract, args: Readonly<Record<string, unknown>>, index: OriginIndex): readonly TracedArgument[] {
  const roles = declarations(contract.roles);
  const isRead = contract.effect === 'read';
  const destroys = isDestructive(contract);
  const traced: TracedArgument[] = [];
  for (const leaf of [...leavesOf(args, { names: false }), ...undeclaredNames(contract, args)]) {
    const argument = leaf.path.join('.');
    const declared: ArgumentRole = nearest(roles, leaf.path) ?? (isRead ? 'content' : 'sink');
    // A time or a choice that the schema leaves open can say anything.
    const role = (declared === 'when' || declared === 'enum') && !isClosed(contract, leaf) ? 'content' : declared;
    const content = role === 'content' ? index.originOfContent(leaf.value) : undefined;
    if (content !== undefined) add(argument, role, leaf.value, content, { secrecy: index.secrecyOf(leaf.value) });
    else if (role === 'target') add(argument, role, leaf.value, ...target(leaf));
    else add(argument, role, leaf.value, origin(leaf));
    if (typeof leaf.value !== 'string' || (isRead ? role === 'sink' : content === undefined)) continue;
    const sinks = sinksIn(leaf.value);
    if (!isRead && content?.trust !== 'user') {
      // An address is judged as what it is, and not once more as a piece that is no plain writing.
      const judged = sinks.map((sink) => compact(sink.value));
      const isOpen = (piece: string): boolean => !judged.some((sink) => sink.includes(compact(piece)) || compact(piece).includes(sink)) && !isAtLeast(index.originOf(piece).trust, 'organisation');
      for (const { kind, value } of tellingIn(leaf.value).filter(({ value: piece }) => isOpen(piece))) add(`${argument} (${kind})`, 'sink', value, { trust: 'model', source: 'model', excerpt: oneLine(value) }, { isWithin: true });
    }
    for (const sink of sinks.filter(({ kind }) => !isRead || kind === 'web address')) add(`${argument} (${sink.kind} ${sink.value.slice(0, 120)})`, 'sink', sink.value, index.originOf(sink.value), { isWithin: true });
  }
  return traced;

  function origin(leaf: Leaf): Origin {
    const { value } = leaf;
    const vouched = vouchedFor(leaf);
    if (vouched !== undefined) return vouched;
    // Two possible values say nothing about where a choice was made, so a truth value counts as the model's own.
    if (typeof value !== 'string' && typeof value !== 'number') return { trust: 'model', source: 'model', excerpt: '' };
    const argument = nameAt(leaf);
    return index.originOf(value, typeof value === 'string' ? { nouns: nounsAt(leaf), argument } : { argument, money: leaf.path.length === 1 && leaf.path[0] === contract.amountArgument });
  }

  function vouchedFor({ path, value, isName }: Leaf): Origin | undefined {
    return isName === true || (typeof value !== 'string' && typeof value !== 'number') ? undefined : index.vouchedFor(contract.name, path.join('.'), value);
  }

  function target(leaf: Leaf): [Origin, Pick<TracedArgument, 'grounds' | 'isAsked' | 'secrecy'>] {
    const { value } = leaf;
    if (typeof value !== 'string' && typeof value !== 'number') return [origin(leaf), {}];
    const nouns = nounsAt(leaf);
    const vouched = vouchedFor(leaf);
    const found = vouched ?? index.originOf(value, { nouns, argument: nameAt(leaf) });
    const secrecy = index.secrecyOfRecord(value);
    if (found.trust === 'user' || (found.trust === 'endorsed' && (vouched !== undefined || !isShort(fold(String(value)))))) {
      return [found, { grounds: 'stated', secrecy, ...(destroys ? { isAsked: index.asksToDestroy(contract.name, leaf.path.at(-1) ?? '', String(value)) } : {}) }];
    }
    const standing = index.standingOf(value, nouns);
    return [found, { secrecy, ...(standing === undefined ? {} : { grounds: standing }) }];
  }

  function nounsAt(leaf: Leaf): readonly string[] {
    return nounsOf(nameAt(leaf), contract.name);
  }

  /** The nearest name, past the positions in lists. */
  function nameAt({ path }: Leaf): string {
    return path.findLast((key) => !/^\d+$/.test(key)) ?? '';
  }

  function add(argument: string, role: ArgumentRole, value: unknown, found: Origin, more: Pick<TracedArgument, 'grounds' | 'secrecy' | 'isAsked' | 'isWithin'> = {}): void {
    if (traced.length >= MAXIMUM_VALUES) {
      throw new HoldfastError({ code: 'policy.too-many-values', message: `The call has more than ${MAXIMUM_VALUES} values.`, retryable: false, remedy: 'Split the call into smaller ones.' });
    }
    traced.push({ argument, role, trust: found.trust, source: found.source, excerpt: found.excerpt, value: String(value), ...more });
  }
}

/** True for a value that carries nothing beyond a time or a choice: what the schema lists or gives such a form, dates, numbers and truth values. */
function isClosed(contract: ToolContract, { path, value, isName }: Leaf): boolean {
  if (isName === true) return false;
  if (typeof value !== 'string' || isDate(value)) return true;
  let schema: unknown = contract.input;
  for (const key of path) schema = member(member(schema, 'properties'), key) ?? member(schema, 'items');
  return member(schema, 'enum') !== undefined || member(schema, 'const') !== undefined || ['date', 'time', 'date-time', 'duration'].includes(String(member(schema, 'format')));
}

function undeclaredNames(contract: ToolContract, args: unknown): readonly Leaf[] {
  const names: Leaf[] = [];
  const pending: { readonly value: unknown; readonly schema: unknown; readonly path: readonly string[] }[] = [{ value: args, schema: contract.input, path: [] }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.value === null || typeof next.value !== 'object') continue;
    const properties = member(next.schema, 'properties');
    for (const [name, value] of Object.entries(next.value)) {
      const path = below(next.path, name);
      const schema = Array.isArray(next.value) ? member(next.schema, 'items') : member(properties, name);
      if (!Array.isArray(next.value) && schema === undefined) names.push({ path, value: name, isName: true });
      pending.push({ value, schema, path });
    }
  }
  return names;
}

function member(schema: unknown, name: string): unknown {
  return schema !== null && typeof schema === 'object' && Object.hasOwn(schema, name) ? (schema as Record<string, unknown>)[name] : undefined;
}
