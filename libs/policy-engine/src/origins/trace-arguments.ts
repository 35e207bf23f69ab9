import { HoldfastError, below, declarations, leavesOf, nearest, type ArgumentOrigin, type ArgumentRole, type Leaf, type ToolContract } from '@holdfast/contracts';
import type { Origin, OriginIndex } from './origin-index.js';
import { nounsOf } from './read-records.js';
import { hiddenWritingIn } from './hidden-writing.js';
import { sinksIn } from './sinks-in-content.js';
import { isShort } from './user-words.js';
import { fold } from './normalise.js';

/** More values than this in one call are not judged, so the call is denied: a verdict must stay a readable message. */
export const MAXIMUM_VALUES = 256;

/** An argument's origin with the value itself, which reasons for people quote. */
export interface TracedArgument extends ArgumentOrigin {
  readonly value: string;
}

/**
 * Where each value in a call's arguments came from, by the roles of the tool's contract.
 *
 * A value without a role is judged as a sink. `content` that the requester did not write carries the least trust of anything
 * read; every address in it, and every piece that is written so that it cannot be judged, counts as a sink of its own. A member's name that the input schema does not declare is a
 * value as well. A read writes nowhere, so of its values only those are judged that the contract calls sinks, and web
 * addresses, since fetching one tells its owner whatever it holds.
 * Throws `policy.too-many-values` above {@link MAXIMUM_VALUES}.
 */
export function traceArguments(contract: ToolContract, args: Readonly<Record<string, unknown>>, index: OriginIndex): readonly TracedArgument[] {
  const roles = declarations(contract.roles);
  const isRead = contract.effect === 'read';
  const traced: TracedArgument[] = [];
  for (const leaf of [...leavesOf(args, { names: false }), ...undeclaredNames(contract, args)]) {
    const argument = leaf.path.join('.');
    const role: ArgumentRole = nearest(roles, leaf.path) ?? (isRead ? 'content' : 'sink');
    const content = role === 'content' ? index.originOfContent(leaf.value) : undefined;
    if (content !== undefined) add(argument, role, leaf.value, content, { secrecy: index.secrecyOf(leaf.value) });
    else if (role === 'target') add(argument, role, leaf.value, ...target(leaf));
    else add(argument, role, leaf.value, origin(leaf));
    if (typeof leaf.value !== 'string' || (isRead ? role === 'sink' : content === undefined)) continue;
    if (!isRead && content?.trust !== 'user') {
      for (const { kind, value } of hiddenWritingIn(leaf.value)) add(`${argument} (${kind})`, 'sink', value, { trust: 'model', source: 'model', excerpt: '' });
    }
    for (const sink of sinksIn(leaf.value).filter(({ kind }) => !isRead || kind === 'web address')) add(`${argument} (${sink.kind} ${sink.value.slice(0, 120)})`, 'sink', sink.value, index.originOf(sink.value));
  }
  return traced;

  function origin(leaf: Leaf): Origin {
    const { value } = leaf;
    // Two possible values say nothing about where a choice was made, so a truth value counts as the model's own.
    if (typeof value !== 'string' && typeof value !== 'number') return { trust: 'model', source: 'model', excerpt: '' };
    return index.originOf(value, typeof value === 'string' ? { nouns: nounsAt(leaf) } : { money: leaf.path.length === 1 && leaf.path[0] === contract.amountArgument });
  }

  function target(leaf: Leaf): [Origin, Pick<TracedArgument, 'grounds'>] {
    const { value } = leaf;
    if (typeof value !== 'string' && typeof value !== 'number') return [origin(leaf), {}];
    const nouns = nounsAt(leaf);
    const found = index.originOf(value, { nouns });
    if (found.trust === 'user' || (found.trust === 'endorsed' && !isShort(fold(String(value))))) return [found, { grounds: 'stated' }];
    const standing = index.standingOf(value, nouns);
    return [found, standing === undefined ? {} : { grounds: standing }];
  }

  /** The nearest name, past the positions in lists. */
  function nounsAt(leaf: Leaf): readonly string[] {
    return nounsOf(leaf.path.findLast((key) => !/^\d+$/.test(key)) ?? '', contract.name);
  }

  function add(argument: string, role: ArgumentRole, value: unknown, found: Origin, more: Pick<TracedArgument, 'grounds' | 'secrecy'> = {}): void {
    if (traced.length >= MAXIMUM_VALUES) {
      throw new HoldfastError({ code: 'policy.too-many-values', message: `The call has more than ${MAXIMUM_VALUES} values.`, retryable: false, remedy: 'Split the call into smaller ones.' });
    }
    traced.push({ argument, role, trust: found.trust, source: found.source, excerpt: found.excerpt, value: String(value), ...more });
  }
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
      if (!Array.isArray(next.value) && schema === undefined) names.push({ path, value: name });
      pending.push({ value, schema, path });
    }
  }
  return names;
}

function member(schema: unknown, name: string): unknown {
  return schema !== null && typeof schema === 'object' && Object.hasOwn(schema, name) ? (schema as Record<string, unknown>)[name] : undefined;
}
