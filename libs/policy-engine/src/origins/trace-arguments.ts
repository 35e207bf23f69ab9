import { HoldfastError, type ArgumentOrigin, type ArgumentRole, type ToolContract } from '@holdfast/contracts';
import { below, declarations, leavesOf, nearest, type Leaf } from './leaves.js';
import type { Origin, OriginIndex } from './origin-index.js';
import { sinksIn } from './sinks-in-content.js';

/** More values than this in one call are not judged, so the call is denied: a verdict must stay a readable message. */
export const MAXIMUM_VALUES = 256;

/** An argument's origin with the value itself, which reasons for people quote. */
export interface TracedArgument extends ArgumentOrigin {
  readonly value: string;
}

/**
 * Where each value in a call's arguments came from, by the roles of the tool's contract.
 *
 * A value without a role is judged as a sink. `content` carries the least trust of anything read, and every address in
 * it counts as a sink of its own. A member's name that the input schema does not declare is a value as well.
 * Throws `policy.too-many-values` above {@link MAXIMUM_VALUES}.
 */
export function traceArguments(contract: ToolContract, args: Readonly<Record<string, unknown>>, index: OriginIndex): readonly TracedArgument[] {
  const roles = declarations(contract.roles);
  const traced: TracedArgument[] = [];
  for (const leaf of [...leavesOf(args, { names: false }), ...undeclaredNames(contract, args)]) {
    const argument = leaf.path.join('.');
    const role: ArgumentRole = nearest(roles, leaf.path) ?? 'sink';
    add(argument, role, leaf.value, role === 'content' ? index.leastTrusted : origin(leaf));
    if (role !== 'content' || typeof leaf.value !== 'string') continue;
    for (const sink of sinksIn(leaf.value)) add(`${argument} (${sink.kind} ${sink.value.slice(0, 120)})`, 'sink', sink.value, index.originOf(sink.value));
  }
  return traced;

  function origin(leaf: Leaf): Origin {
    const { value } = leaf;
    // Two possible values say nothing about where a choice was made, so a truth value counts as the model's own.
    if (typeof value !== 'string' && typeof value !== 'number') return { trust: 'model', source: 'model', excerpt: '' };
    return index.originOf(value, leaf.path.length === 1 && leaf.path[0] === contract.amountArgument);
  }

  function add(argument: string, role: ArgumentRole, value: unknown, found: Origin): void {
    if (traced.length >= MAXIMUM_VALUES) {
      throw new HoldfastError({ code: 'policy.too-many-values', message: `The call has more than ${MAXIMUM_VALUES} values.`, retryable: false, remedy: 'Split the call into smaller ones.' });
    }
    traced.push({ argument, role, trust: found.trust, source: found.source, excerpt: found.excerpt, value: String(value) });
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
