import { describe, expect, it } from '@jest/globals';
import { compileCheck } from './check.js';

const order = {
  $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', additionalProperties: false, required: ['id', 'lines'],
  properties: {
    id: { type: 'string', format: 'uuid' }, kind: { enum: ['new', 'old'] }, count: { type: 'integer', default: 3 },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
  },
  $defs: { line: { type: 'object', properties: { sku: { type: 'string' }, 'a/b': { type: 'number' } }, required: ['sku'] } },
};
const right = { id: '6f6ec1c6-1a63-4d0e-8dbd-3f2c2d1d9b1e', lines: [{ sku: 'x' }] };

describe('a check', () => {
  const check = compileCheck(order, 'an order');

  it('accepts what is right, fills in defaults, and leaves what was given as it is', () => {
    const given = structuredClone(right);
    expect(check(given)).toEqual({ ok: true, value: { ...right, count: 3 } });
    expect(given).toEqual(right);
  });

  it.each([
    [{ lines: [] }, ['"id" is missing']],
    [{ ...right, colour: 1 }, ['"colour" is not known']],
    [{ ...right, kind: 'odd' }, ['"kind" must be one of ["new","old"]']],
    [{ ...right, count: '3' }, ['"count" must be integer']],
    [{ ...right, id: 'x', lines: [{}, { sku: 7, 'a/b': 'y' }] }, ['"id" must match format "uuid"', '"lines.0.sku" is missing', '"lines.1.sku" must be string', '"lines.1.a/b" must be number']],
    [null, ['the whole must be object']],
  ])('names every fault of %j with its place', (value, faults) => {
    expect(check(value)).toEqual({ ok: false, faults });
  });

  it('cannot be made of what is no schema', () => {
    expect(() => compileCheck({ type: 'money' }, 'the input of pay')).toThrow(expect.objectContaining({ code: 'schema.invalid', message: expect.stringContaining('the input of pay') }));
    expect(() => compileCheck({ $ref: '#/$defs/nowhere' }, 'x')).toThrow(/cannot be used/);
  });

  it('takes unknown keywords and formats for annotations', () => {
    expect(compileCheck({ type: 'string', format: 'colour', 'x-note': 1 }, 'x')('red')).toEqual({ ok: true, value: 'red' });
  });
});
