import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { contractFile, parseContracts, readContracts } from './contract-file.js';

const reference = (name: string): string => fileURLToPath(new URL(`../../../../docs/reference/${name}`, import.meta.url));
const example = readFileSync(reference('contracts.example.yaml'), 'utf8');

/** The error that a file is refused with. */
function refusalOf(text: string): { readonly code: string; readonly message: string; readonly remedy: string } {
  try {
    parseContracts(text, 'bank.yaml');
  } catch (error) {
    return error as { code: string; message: string; remedy: string };
  }
  throw new Error('the file was accepted');
}

describe('a contract file', () => {
  it('becomes sealed contracts, with what the tools have in common filled in', () => {
    const [balance, transfer, letter] = readContracts(reference('contracts.example.yaml'));
    expect(balance).toMatchObject({ name: 'account_balance', adapter: 'bank', effect: 'read', identity: [], timeoutMs: 5_000, concurrency: 8, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(transfer).toMatchObject({ effect: 'keyed', identity: ['reference'], rateLimit: { calls: 10, perMs: 1_000 }, outputLabel: { trust: 'organisation', secrecy: 'internal', fields: {} } });
    expect(letter).toMatchObject({ effect: 'reconcilable', reconciles: true });
  });

  it('means the same as JSON', () => {
    const { tools, defaults } = parseYaml();
    expect(parseContracts(JSON.stringify({ tools, defaults }), 'bank.json')).toEqual(parseContracts(example, 'bank.yaml'));
  });

  it('has a description as JSON Schema that is up to date', () => {
    const text = `${JSON.stringify({ title: 'Contracts of tools', ...z.toJSONSchema(contractFile, { io: 'input' }) }, null, 2)}\n`;
    if (process.env['HOLDFAST_WRITE_REFERENCE'] !== undefined) writeFileSync(reference('tool-contracts.schema.json'), text);
    expect(readFileSync(reference('tool-contracts.schema.json'), 'utf8')).toBe(text);
  });

  it.each([
    ['a misspelt effect', example.replace('effect: keyed', 'effect: keyd'), /line 24: the tool "transfer", field "effect": .*keyed/],
    ['an unknown field', example.replace('    amountArgument: cents', '    amountArg: cents'), /line 22: the tool "transfer": .*amountArg/],
    ['an identity that is no required argument', example.replace('identity: [reference] #', 'identity: [memo] #'), /line 22: the tool "transfer": .*identity argument "memo" is not a required argument/],
    ['an effect without an identity', example.replace(/ {4}identity: \[reference\] #.*\n/, ''), /the tool "transfer": .*no identity/],
    ['a reconcilable tool that cannot reconcile', example.replace(/ {4}reconciles: true.*\n/, ''), /the tool "post_letter": .*"reconciles"/],
    ['an argument without a role', example.replace('roles: { reference: target, text: content }', 'roles: { reference: target }'), /the tool "post_letter" gives its argument "text" no role/],
    ['a role without an argument', example.replace('roles: { account: target }', 'roles: { account: target, colour: enum }'), /role for "colour", which is no argument/],
    ['a schema that is none', example.replace('cents: { type: integer } }', 'cents: { type: money } }'), /the tool "account_balance": .*schema of the output of account_balance/],
    ['two tools of one name', example.replace('name: post_letter', 'name: transfer'), /line 39: the tool "transfer" is declared twice/],
    ['a key that stands twice', example.replace('    effect: read', '    effect: read\n    effect: keyed'), /Map keys must be unique.* at line 12/],
    ['no YAML', '{ tools: [', /at line 1/],
    ['an empty file', '', /expected object/],
    ['aliases that explode', `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefg'[index]}`).join(',')}]`).join('\n')}\ntools: *h`, /alias/i],
    ['a flood', 'x'.repeat(5_000_000), /more than 4194304 bytes/],
  ])('is refused for %s, with its place and what to do', (_what, text, message) => {
    expect(refusalOf(text)).toMatchObject({ code: 'contracts.invalid', message: expect.stringMatching(message), remedy: expect.stringContaining('tool-contracts.schema.json') });
  });

  it('that does not exist is named', () => {
    expect(() => readContracts('/nowhere/contracts.yaml')).toThrow(/"\/nowhere\/contracts.yaml" cannot be read/);
  });
});

function parseYaml(): { readonly tools: unknown; readonly defaults: unknown } {
  const { defaults } = { defaults: { adapter: 'bank', timeoutMs: 5_000, retry: { attempts: 5, baseDelayMs: 200, maxDelayMs: 5_000 }, concurrency: 8, outputLabel: { trust: 'organisation', secrecy: 'internal' } } };
  const tools = parseContracts(example, 'bank.yaml').map(({ digest: _digest, ...fields }) => fields);
  return { tools, defaults };
}
