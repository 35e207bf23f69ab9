import { describe, expect, it } from '@jest/globals';
import { skeletonOf } from './skeleton.js';

describe('a value to fill in', () => {
  it.each([
    [{ type: 'object', properties: { receipt: { type: 'string' }, cents: { type: 'integer' }, note: { type: 'string' } }, required: ['receipt', 'cents'] }, { receipt: '', cents: 0 }],
    [{ type: ['string', 'null'] }, ''],
    [{ anyOf: [{ type: 'boolean' }, { type: 'null' }] }, false],
    [{ enum: ['paid', 'open'] }, 'paid'],
    [{ const: 1 }, 1],
    [{ type: 'array', items: {} }, []],
    [{}, {}],
  ])('follows %j', (schema, value) => expect(skeletonOf(schema)).toEqual(value));
});
