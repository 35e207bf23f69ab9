import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { ToolOutcome } from '@holdfast/contracts';
import { InMemoryEffectStore, Ledger, ToolGuards, executeCall, type ToolSet } from '@holdfast/tool-sdk';
import { stringify } from 'yaml';
import { Bank, bankDocument } from './bank.fixture.js';
import { openApiContracts } from './contracts.js';
import { parseDocument, type OpenApiDocument } from './document.js';
import { openApiTools } from './openapi-tools.js';
import { parseOpenApiOverlay } from './overlay.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/tools/openapi.md', import.meta.url)), 'utf8');
const overlayText = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
const overlay = parseOpenApiOverlay(overlayText, 'openapi.md');
const variables = { BANK_API_KEY: 'bank-secret' };
const document = bankDocument as unknown as OpenApiDocument;

describe('tools made of an OpenAPI document and the overlay of the documentation', () => {
  let bank: Bank;
  let baseUrl: URL;
  let set: ToolSet;
  let ledger: Ledger;

  beforeEach(async () => {
    bank = new Bank();
    baseUrl = await bank.open();
    set = openApiTools({ document, overlay, baseUrl, variables, describedAt: new URL('/openapi.json', baseUrl).href });
    ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'worker' });
  });
  afterEach(() => bank.close());

  const call = (name: string, args: unknown, callId = 'c1-1', from = set): Promise<ToolOutcome> => {
    const tool = from.tools.find((one) => one.name === name);
    if (tool === undefined) throw new RangeError(name);
    return executeCall({ tool, args, tenant: 'acme', runId: 'run-1', callId }, { ledger, guards: new ToolGuards(), random: () => 0 });
  };
  const transfer = { reference: 'INV-7', account: 'DE1', cents: 1200 };

  it('have contracts that stand alone: flat arguments, no read-only fields, recursion kept finite', () => {
    const [balance, transferring] = openApiContracts(document, overlay);
    expect(balance).toMatchObject({ name: 'bank_balance', effect: 'read', description: 'Tells a balance', output: { $ref: '#/$defs/components.schemas.Account', $defs: { 'components.schemas.Account': { properties: { parent: { $ref: '#/$defs/components.schemas.Account' } } } } } });
    expect(transferring).toMatchObject({ effect: 'keyed', identity: ['reference'], input: { required: ['reference', 'account', 'cents'], additionalProperties: false } });
    expect(Object.keys(transferring?.input['properties'] as object)).toEqual(['reference', 'account', 'cents']);
    expect(Object.keys(balance?.input['properties'] as object)).toEqual(['account', 'fields']);
  });

  it('are the listed ones and no others', () => {
    expect(set.tools.map(({ name }) => name)).toEqual(['bank_balance', 'bank_transfer', 'bank_letter']);
  });

  it('act once with the operation key, however often the answer is lost', async () => {
    bank.mishaps.push('drop-after', 'drop-before', { status: 409, title: 'A request is outstanding for this Idempotency-Key' }, { status: 503, headers: { 'retry-after': '0' }, title: 'Later' });
    const patient = { ...overlay, tools: { bank_transfer: { ...overlay.tools['bank_transfer'], roles: { reference: 'target', account: 'sink', cents: 'sink' }, operation: 'createTransfer', retry: { attempts: 6, baseDelayMs: 1, maxDelayMs: 2 } } } } as typeof overlay;
    const outcome = await call('bank_transfer', transfer, 'c1-1', openApiTools({ document, overlay: patient, baseUrl, variables }));
    expect(outcome).toMatchObject({ status: 'succeeded', result: { transfer: 't-1', cents: 1200 } });
    expect(bank.effects('transfer')).toBe(1);
    const keys = new Set(bank.seen.map(({ headers }) => headers['idempotency-key']));
    expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it('write the key as a structured-field string where the overlay says so', async () => {
    await call('bank_transfer', transfer, 'c1-1', openApiTools({ document, overlay: { ...overlay, quotedKey: true }, baseUrl, variables }));
    expect(bank.seen[0]?.headers['idempotency-key']).toMatch(/^"[0-9a-f]{64}"$/);
  });

  it('ask whether it happened where the service knows no keys', async () => {
    bank.mishaps.push('drop-after');
    expect(await call('bank_letter', { reference: 'INV-7', text: 'Dear' })).toMatchObject({ status: 'succeeded', result: { letter: 'l-1' } });
    expect(bank.effects('letter')).toBe(1);
    bank.mishaps.push('drop-before');
    expect(await call('bank_letter', { reference: 'INV-8', text: 'Dear' }, 'c1-2')).toMatchObject({ status: 'succeeded', result: { letter: 'l-2' } });
    expect(bank.effects('letter')).toBe(2);
  });

  it.each([
    [422, 'bank_transfer', transfer, 'http.key-conflict'],
    [400, 'bank_transfer', transfer, 'http.refused'],
    [404, 'bank_balance', { account: 'DE1' }, 'http.refused'],
  ])('are refused for good by %i on %s', async (status, name, args, code) => {
    bank.mishaps.push({ status, title: 'No.' });
    expect(await call(name, args)).toMatchObject({ status: 'failed', failure: { code, message: expect.stringContaining('No.'), retryable: false } });
    expect(bank.seen).toHaveLength(1);
  });

  it('say what is missing where a service wants a key and the overlay gave it none', async () => {
    const unkeyed = parseOpenApiOverlay(overlayText.replace('effect: keyed', 'effect: at-most-once'), 'overlay');
    expect(await call('bank_transfer', transfer, 'c1-1', openApiTools({ document, overlay: unkeyed, baseUrl, variables }))).toMatchObject({ status: 'failed', failure: { code: 'http.key-required', remedy: expect.stringContaining('keyed') } });
    expect(bank.effects('transfer')).toBe(0);
  });

  it('answer with status and address where the document promises no content', async () => {
    const closing = parseOpenApiOverlay(stringify({ ...overlay, tools: { close: { operation: 'DELETE /accounts/{account}/closing', effect: 'idempotent', identity: ['account'], roles: { account: 'target' } } } }), 'overlay');
    expect(await call('close', { account: 'DE1' }, 'c1-1', openApiTools({ document, overlay: closing, baseUrl, variables }))).toMatchObject({ status: 'succeeded', result: { status: 204 } });
  });

  it('refuse arguments that violate the schema, and let no answer through that does', async () => {
    expect(await call('bank_transfer', { ...transfer, cents: 0 })).toMatchObject({ failure: { code: 'tool.input-invalid', message: expect.stringContaining('"cents"') } });
    expect(await call('bank_transfer', { ...transfer, authorization: 'mine' }, 'c1-2')).toMatchObject({ failure: { code: 'tool.input-invalid', message: expect.stringContaining('authorization') } });
    expect(bank.seen).toEqual([]);
  });

  it('keep every value in its place on the configured origin, whatever it is', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('..', '.', '../../transfers', '?x=1', '#', '%2e%2e', '//evil.example', 'http://evil.example/', 'a/b', '\\..\\', 'ü')), fc.array(fc.string(), { maxLength: 3 }), async (account, fields) => {
      bank.seen.length = 0;
      const outcome = await call('bank_balance', { account, fields });
      if (account === '.' || account === '..') return expect(outcome).toMatchObject({ failure: { code: 'openapi.path-argument' } });
      const url = new URL(bank.seen[0]?.url ?? '', 'http://bank');
      expect(url.pathname.split('/').slice(0, 2)).toEqual(['', 'accounts']);
      expect(url.pathname.split('/')).toHaveLength(3);
      expect(url.searchParams.getAll('fields')).toEqual(fields);
      expect(outcome).toMatchObject({ status: 'succeeded', result: { account } });
    }), { numRuns: 60, examples: [['..', []], ['%2e%2e', []]] });
  });

  it('describe themselves again from the server, for whoever compares', async () => {
    const [source] = set.sources ?? [];
    expect(await source?.describe()).toEqual(openApiContracts(document, overlay));
    bank.document = { ...bankDocument, paths: { '/letters': bankDocument.paths['/letters'] } };
    expect((await source?.describe())?.map(({ name }) => name)).toEqual(['bank_letter']);
    await bank.close();
    await expect(source?.describe()).rejects.toMatchObject({ code: 'openapi.unreadable', retryable: true });
    await bank.open();
  });
});

describe('what cannot be made a tool is told', () => {
  const made = (text: string) => () => openApiContracts(document, parseOpenApiOverlay(text, 'bank.yaml'));

  it.each([
    ['an operation that does not exist', overlayText.replace('operation: getBalance', 'operation: getBalanse'), /"bank_balance".*"getBalanse".*no such operation/],
    ['an effect that is not named', overlayText.replace('    effect: keyed', '    #'), /"bank_transfer".*POST has effects, and the overlay names no "effect"/],
    ['an argument without a role', overlayText.replace('account: sink, ', ''), /"bank_transfer".*"account" has no role/],
    ['a role for nothing', overlayText.replace('fields: enum', 'fields: enum, colour: enum'), /"bank_balance".*role for "colour"/],
    ['a misspelt effect', overlayText.replace('effect: keyed', 'effect: keyd'), /"bank.yaml" is wrong: "tools.bank_transfer.effect"/],
    ['a reconciliation that writes', overlayText.replace('operation: listLetters', 'operation: postLetter'), /"bank_letter".*does not only read/],
  ])('%s', (_what, text, message) => {
    expect(made(text)).toThrow(message);
  });

  it('a credential that is missing, by its scheme and variable and nothing else', () => {
    expect(() => openApiTools({ document, overlay, baseUrl: new URL('http://bank'), variables: {} })).toThrow(/"bankKey".*BANK_API_KEY is not set/);
  });

  it.each([['no YAML', '{ a: [', /cannot be used/], ['something else', 'swagger: "2.0"', /does not say "openapi/], ['nothing in it', 'openapi: 3.1.0', /no "paths"/]])('a document that is %s', async (_what, text, message) => {
    await expect(parseDocument(text, 'bank')).rejects.toMatchObject({ code: 'openapi.invalid', message: expect.stringMatching(message) });
  });

  it('while one of OpenAPI 3.0 is understood', async () => {
    const old = await parseDocument(JSON.stringify({ openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/n': { get: { operationId: 'n', summary: 'N', responses: { 200: { description: 'n', content: { 'application/json': { schema: { type: 'string', nullable: true } } } } } } } } }), 'old');
    const [contract] = openApiContracts(old, parseOpenApiOverlay('{ outputLabel: { trust: organisation, secrecy: public }, tools: { n: { operation: n, roles: {} } } }', 'o'));
    expect(contract?.output).toMatchObject({ type: ['string', 'null'] });
  });
});
