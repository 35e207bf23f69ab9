import fc from 'fast-check';
import type { z } from 'zod';
import { schemaOf } from '../endpoints/openapi.js';

type Schema = Readonly<Record<string, unknown>>;

/** Nested deeper than any stack of ours should be asked to go down. */
const DEEP: unknown = JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`);

/** What nobody sends who means well. */
const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(DEEP, 1e308, -1e308, 2 ** 53, -0, 0.1 + 0.2, '', '\u0000', '\ud800', '\u202e', '💥'.repeat(50), 'x'.repeat(70_000), 'constructor', '__proto__', 'toString', '../../etc', "'; --", [], {}, [[]], null, true),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.dictionary(fc.constantFrom('constructor', 'toString', 'hasOwnProperty', 'length', '', 'a.b', 'a/b', '~1'), fc.jsonValue(), { maxKeys: 3 }),
);

/** Values of a schema, each part of which is something else now and then. */
export function valuesOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return mutated(schemaOf(schema, 'input'));
}

export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('run-1', 'payables', 'ship', 'a-c1-1', 'c1-1', '0', '-1', '1e9', '9'.repeat(40), 'NaN', 'null', 'true', '__proto__', 'constructor', '..', '%00', '%', '*', '>', 'a.b', 'x'.repeat(300), '\u0000', '\ud800'),
);

function mutated(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: following(schema) }, { weight: 1, arbitrary: hostile });
}

function following(schema: Schema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map(mutated));
  switch (schema['type']) {
    case 'object': return objects(schema);
    case 'array': return fc.array(mutated((schema['items'] ?? {}) as Schema), { maxLength: 4 });
    case 'string': return schema['pattern'] === undefined ? texts : fc.oneof(texts, fc.stringMatching(new RegExp(String(schema['pattern']))));
    case 'integer': return fc.oneof(fc.integer({ min: 0, max: 200 }), fc.maxSafeInteger());
    case 'number': return fc.double();
    case 'boolean': return fc.boolean();
    default: return hostile;
  }
}

function objects(schema: Schema): fc.Arbitrary<unknown> {
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  // A member that is left out is undefined, which JSON does not write.
  const known = fc.record(Object.fromEntries(members.map(([name, member]) => [name, fc.option(mutated(member), { nil: undefined, freq: required.has(name) ? 20 : 1 })])));
  const others = fc.dictionary(texts, hostile, { maxKeys: 2 });
  return fc.tuple(known, fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: others })).map(([own, more]) => ({ ...more, ...own }));
}
