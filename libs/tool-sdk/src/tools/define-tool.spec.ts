import { describe, expect, it } from '@jest/globals';
import { toolContract } from '@holdfast/contracts';
import { z } from 'zod';
import { defineTool } from './define-tool.js';
import { digestOf } from './digest.js';
import { operationKey } from './operation-key.js';
import { contractOf } from './tool.js';

const base = {
  name: 'pay',
  description: 'Pays.',
  input: z.strictObject({ invoice: z.string(), amountCents: z.int(), note: z.string().optional() }),
  output: z.strictObject({ paymentId: z.string() }),
  roles: { invoice: 'target', amountCents: 'sink', note: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: { paymentId: { trust: 'endorsed' } } },
  timeoutMs: 1_000,
  retry: { attempts: 3, baseDelayMs: 10, maxDelayMs: 100 },
  concurrency: 4,
  execute: () => Promise.resolve({ paymentId: 'p-1' }),
} as const;

describe('defineTool', () => {
  it('types the arguments and the result from the schemas', () => {
    defineTool({
      ...base,
      effect: 'read',
      execute: (args) => {
        const amount: number = args.amountCents;
        // @ts-expect-error an argument that the input does not have
        void args.iban;
        return Promise.resolve({ paymentId: String(amount) });
      },
    });
    // @ts-expect-error a result that the output does not allow
    defineTool({ ...base, effect: 'read', execute: () => Promise.resolve({ paymentId: 7 }) });
  });

  it('writes down what undoes it, and leaves the contract of a tool without it as it was', () => {
    const compensate = { tool: 'refund', arguments: { payment: { result: 'paymentId' }, invoice: { argument: 'invoice' }, why: { value: 'aborted' } } } as const;
    const plain = contractOf(defineTool({ ...base, effect: 'keyed', identity: ['invoice'] }));
    const undoable = contractOf(defineTool({ ...base, effect: 'keyed', identity: ['invoice'], compensate }));
    expect(undoable).toEqual({ ...plain, compensate, digest: undoable.digest });
    expect(undoable.digest).not.toBe(plain.digest);
    const { digest, ...fields } = plain;
    expect(digest).toBe(digestOf(fields));
    expect(() => defineTool({ ...base, effect: 'keyed', identity: ['invoice'], compensate: { tool: 'not a name', arguments: {} } })).toThrow(/compensate/);
  });

  it('is refused by the types, and at run time, where an effect has no identity', () => {
    // @ts-expect-error keyed without identity
    expect(() => defineTool({ ...base, effect: 'keyed' })).toThrow(/no identity arguments/);
    // @ts-expect-error an empty identity
    expect(() => defineTool({ ...base, effect: 'at-most-once', identity: [] })).toThrow(/no identity arguments/);
    // @ts-expect-error an identity that is no argument
    expect(() => defineTool({ ...base, effect: 'idempotent', identity: ['order'] })).toThrow(/"order" is not a required argument/);
  });

  it('is refused by the types, and at run time, where a reconcilable tool cannot reconcile', () => {
    // @ts-expect-error reconcilable without reconcile
    expect(() => defineTool({ ...base, effect: 'reconcilable', identity: ['invoice'] })).toThrow(/it is reconcilable, but "reconciles"/);
    defineTool({ ...base, effect: 'reconcilable', identity: ['invoice'], reconcile: () => Promise.resolve({ status: 'not-done' }) });
  });

  it('is refused by the types where an argument has no role', () => {
    // @ts-expect-error the role of "note" is missing
    defineTool({ ...base, effect: 'read', roles: { invoice: 'target', amountCents: 'sink' } });
  });

  it('refuses an identity argument that may be left out', () => {
    expect(() => defineTool({ ...base, effect: 'keyed', identity: ['note'] })).toThrow(/identity argument "note" is not a required argument/);
  });

  it('names what is wrong with a definition', () => {
    expect(() => defineTool({ ...base, name: 'pay.now', effect: 'read' })).toThrow(/"pay.now" cannot be declared[^]*letters, digits/);
    expect(() => defineTool({ ...base, effect: 'read', output: z.strictObject({ paymentId: z.string(), at: z.date() }), execute: () => Promise.resolve({ paymentId: '', at: new Date(0) }) })).toThrow(/its output has no JSON Schema/);
  });
});

describe('contractOf', () => {
  const pay = defineTool({ ...base, effect: 'keyed', identity: ['invoice'], amountArgument: 'amountCents' });

  it('is a contract whose digest covers every other field', () => {
    const { digest, ...fields } = toolContract.parse(JSON.parse(JSON.stringify(contractOf(pay))));

    expect(digest).toBe(digestOf(fields));
    expect(fields).toMatchObject({ adapter: 'default', identity: ['invoice'], amountArgument: 'amountCents', input: { type: 'object', required: ['invoice', 'amountCents'], additionalProperties: false } });
  });

  it('changes its digest with the schema, and not with the code', () => {
    const recoded = defineTool({ ...base, effect: 'keyed', identity: ['invoice'], amountArgument: 'amountCents', execute: () => Promise.resolve({ paymentId: 'p-2' }) });
    const changed = defineTool({ ...base, effect: 'keyed', identity: ['invoice'], amountArgument: 'amountCents', input: base.input.extend({ note: z.int().optional() }) });

    expect(contractOf(recoded).digest).toBe(contractOf(pay).digest);
    expect(contractOf(changed).digest).not.toBe(contractOf(pay).digest);
  });
});

describe('operationKey', () => {
  const operation = { tenant: 'acme', tool: 'pay', identity: { supplier: 's-1', invoice: 'i-7' } };

  it('is the same whatever the order of the identity', () => {
    expect(operationKey({ ...operation, identity: { invoice: 'i-7', supplier: 's-1' } })).toBe(operationKey(operation));
  });

  it.each([{ tenant: 'other' }, { tool: 'refund' }, { identity: { supplier: 's-1', invoice: 'i-8' } }, { identity: { supplier: 's-1i', invoice: '-7' } }])('differs for %j', (change) => {
    expect(operationKey({ ...operation, ...change })).not.toBe(operationKey(operation));
  });
});
