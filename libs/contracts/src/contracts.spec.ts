import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, catalog, parseCommitSubject, parseFactSubject, partitionOf, runId, subjects } from './index.js';

describe('canonicalJson', () => {
  it('writes the same text whatever the order of the members', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
  });

  it('reads back as the same value for any JSON value', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))));
  });

  it('writes every string, name and number as ECMAScript does', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(fc.property(fc.oneof(text, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.dictionary(text, text, { maxKeys: 1 })), (value) => expect(canonicalJson(value)).toBe(JSON.stringify(value))), { numRuns: 1_000 });
  });

  it('refuses numbers that JSON cannot carry', () => {
    for (const amount of [Number.NaN, Infinity, -Infinity]) expect(() => canonicalJson({ amount })).toThrow(TypeError);
  });
});

describe('subjects', () => {
  const key = { tenant: 'acme', runId: 'run-1' };

  it('reads back what it builds', () => {
    expect(parseCommitSubject(subjects.commit(3, key, 'call.default'))).toEqual({ partition: 3, key, route: 'call.default' });
    expect(parseFactSubject(subjects.inbox(3, key, 'task'))).toEqual({ partition: 3, key, source: 'task' });
  });

  it('cannot be widened by a hostile identifier', () => {
    for (const hostile of ['a.b', '*', '>', '', 'a b', 'x'.repeat(65)]) expect(runId.safeParse(hostile).success).toBe(false);
  });

  it('puts a run on the same partition for ever', () => {
    expect([1, 2, 3, 4].map((n) => partitionOf({ tenant: 'acme', runId: `run-${n}` }, 8))).toEqual([3, 6, 1, 4]);
  });
});

describe('the catalog', () => {
  const agent = {
    name: 'payer', instructions: 'Pay.', model: 'scripted', taskTypes: ['x'], tools: ['pay'], trustTier: 'trusted', inputTrust: {},
    budgets: { maxSteps: 1, deadlineSeconds: 1, approvalSeconds: 1 }, digest: 'a'.repeat(64),
  };

  it('names the tool of memory that an agent could use in none of its scopes', () => {
    const tool = {
      name: 'pay', description: 'Looks.', adapter: 'company', effect: 'read', input: {}, output: {}, identity: [], roles: {}, outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} },
      timeoutMs: 1, retry: { attempts: 1, baseDelayMs: 1, maxDelayMs: 1 }, concurrency: 1, memoryScopes: ['rules', 'mail'], digest: 'a'.repeat(64),
    };

    expect(catalog.safeParse({ agents: [{ ...agent, memoryScopes: ['mail'] }], tools: [tool] }).success).toBe(true);
    for (const memoryScopes of [undefined, ['notes', 'mail/old']]) expect(catalog.safeParse({ agents: [{ ...agent, memoryScopes }], tools: [tool] }).error?.message).toContain('works in memory in rules, mail');
  });

  it('names the tool that an agent asks for and nobody declared', () => {
    expect(catalog.safeParse({ agents: [agent], tools: [] }).error?.message).toContain('unknown tool \\"pay\\"');
  });
});
