import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileCheck } from './check.js';
import { compareSchemas, type Direction } from './compare.js';

const object = (properties: object, required: readonly string[] = [], more: object = {}) => ({ type: 'object', properties, required, additionalProperties: false, ...more });
const texts = (before: object, after: object, direction: Direction) => compareSchemas(before as never, after as never, direction).map(({ breaking, kind, text }) => `${breaking ? 'BREAKS' : 'fits'} ${kind}: ${text}`);

describe('the difference between two schemas', () => {
  it.each<[string, object, object, Direction, readonly string[]]>([
    ['none', object({ a: { type: 'string' } }), object({ a: { type: 'string', description: 'new words' } }), 'input', []],
    ['an argument that may be given', object({}), object({ a: { type: 'string' } }), 'input', ['fits added: "a" of the input was added.']],
    ['an argument that must be given', object({}), object({ a: {} }, ['a']), 'input', ['BREAKS added: "a" of the input was added and must be given.']],
    ['an argument that is gone', object({ a: {} }), object({}), 'input', ['BREAKS removed: "a" of the input was removed.']],
    ['another type', object({ cents: { type: 'integer' } }), object({ cents: { type: 'string' } }), 'input', ['BREAKS retyped: "cents" of the input was integer and is string.']],
    ['whole numbers only', object({ cents: { type: 'number' } }), object({ cents: { type: 'integer' } }), 'input', ['BREAKS narrowed: "cents" of the input must now be a whole number.']],
    ['fractions as well', object({ cents: { type: 'integer' } }), object({ cents: { type: 'number' } }), 'output', ['BREAKS widened: "cents" of the output need no longer be a whole number.']],
    ['whole numbers or words in place of numbers', { type: 'number' }, { type: ['integer', 'string'] }, 'output', ['BREAKS retyped: The output was number and is integer or string.']],
    ['fewer choices', { enum: ['a', 'b'] }, { enum: ['a'] }, 'input', ['BREAKS narrowed: The input may no longer be "b".']],
    ['more choices', { enum: ['a'] }, { enum: ['a', 'b'] }, 'output', ['BREAKS widened: The output may also be "b".']],
    ['a tighter bound', { type: 'string', maxLength: 9 }, { type: 'string', maxLength: 5 }, 'input', ['BREAKS narrowed: The input has the maxLength 5 instead of 9.']],
    ['a result that is always there now', object({ a: {} }), object({ a: {} }, ['a']), 'output', ['fits narrowed: "a" of the output must now be there.']],
    ['a result that may be missing', object({ a: {} }, ['a']), object({ a: {} }), 'output', ['BREAKS widened: "a" of the output need no longer be there.']],
    ['a further result where none was allowed', object({}), object({ a: {} }), 'output', ['BREAKS added: "a" of the output was added.']],
    ['a further result where any was', { type: 'object' }, { type: 'object', properties: { a: {} } }, 'output', ['fits added: "a" of the output was added.']],
    ['items', { type: 'array', items: { type: 'string' } }, { type: 'array', items: { type: 'number' } }, 'output', ['BREAKS retyped: "*" of the output was string and is number.']],
    ['what cannot be judged', { type: 'string', pattern: 'a' }, { type: 'string', pattern: 'b' }, 'input', ['BREAKS unknown: The input has changed in "pattern", which cannot be compared.']],
    ['behind references', { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } }, { $ref: '#/$defs/b', $defs: { b: { type: 'number' } } }, 'input', ['BREAKS retyped: The input was string and is number.']],
  ])('%s', (_what, before, after, direction, expected) => {
    expect(texts(before, after, direction)).toEqual(expected);
  });

  it('ends for schemas that contain themselves', () => {
    const list = (type: string) => ({ $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { value: { type }, next: { $ref: '#/$defs/node' } } } } });
    expect(texts(list('string'), list('string'), 'output')).toEqual([]);
    expect(texts(list('string'), list('number'), 'output')).toEqual(['BREAKS retyped: "value" of the output was string and is number.']);
  });
});

const scalar = fc.oneof(
  fc.record({ type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'null'), minimum: fc.integer({ min: -2, max: 2 }), maxLength: fc.integer({ min: 0, max: 3 }) }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.uniqueArray(fc.constantFrom('string', 'integer', 'number', 'null'), { minLength: 1, maxLength: 3 }) }),
  fc.record({ enum: fc.uniqueArray(fc.constantFrom('a', 'b', 1, null), { minLength: 1, maxLength: 3 }) }),
  fc.constant({}),
);
const anySchema = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof({ depthSize: 'small' }, scalar,
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: ['type'] }),
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }), required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }), additionalProperties: fc.boolean() }, { requiredKeys: ['type'] })),
})).schema;
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom('a', 'b', 'long text', 0, 1, -1, 1.5, true, null), fc.array(tie('value'), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3 })),
})).value;

describe('a difference that is called compatible', () => {
  it('for an input lets everything through that was right before, and for an output nothing that was not', () => {
    fc.assert(fc.property(anySchema, anySchema, fc.array(anyValue, { minLength: 5, maxLength: 20 }), (one, two, values) => {
      const [before, after] = [compileCheck(one as never, 'one'), compileCheck(two as never, 'two')];
      const fine = (['input', 'output'] as const).filter((direction) => compareSchemas(one as never, two as never, direction).every(({ breaking }) => !breaking));
      for (const value of values) {
        if (fine.includes('input') && before(value).ok) expect({ value, ok: after(value).ok }).toEqual({ value, ok: true });
        if (fine.includes('output') && after(value).ok) expect({ value, ok: before(value).ok }).toEqual({ value, ok: true });
      }
    }), { numRuns: 300 });
  });
});
