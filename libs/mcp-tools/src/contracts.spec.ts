import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contractsOf } from './contracts.js';
import { mcpTools } from './mcp-tools.js';
import { parseMcpOverlay } from './overlay.js';

const page = readFileSync(fileURLToPath(new URL('../../../docs/tools/mcp.md', import.meta.url)), 'utf8');
const text = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
const overlay = parseMcpOverlay(text, 'mcp.md');
const pay = { name: 'pay', description: 'Pays.', inputSchema: { type: 'object' as const, properties: { invoice: { type: 'string' }, cents: { type: 'integer' }, requestId: { type: 'string' } }, required: ['invoice', 'cents', 'requestId'] } };
const bank = overlay.servers['bank'];
if (bank === undefined) throw new Error('the page has no bank');

describe('the overlay of the documentation', () => {
  it('makes contracts of what a server lists, without the argument that carries the key', () => {
    const [contract] = contractsOf('bank', bank, [pay], false);
    expect(contract).toMatchObject({ name: 'bank_pay', effect: 'keyed', amountArgument: 'cents', input: { properties: { invoice: {}, cents: {} }, required: ['invoice', 'cents'], additionalProperties: false }, outputLabel: { trust: 'organisation' } });
  });

  it.each([
    ['a tool that the server lacks', bank, [{ ...pay, name: 'send' }], /"pay" of the MCP server "bank".*no such tool; it has send/],
    ['an argument without a role', bank, [{ ...pay, inputSchema: { ...pay.inputSchema, properties: { ...pay.inputSchema.properties, memo: { type: 'string' } } } }], /"memo" has no role/],
    ['a role for nothing', bank, [{ ...pay, inputSchema: { type: 'object' as const, properties: { invoice: { type: 'string' }, requestId: {} }, required: ['invoice'] } }], /role for "cents"/],
    ['a key argument that is none', bank, [{ ...pay, inputSchema: { type: 'object' as const, properties: { invoice: { type: 'string' }, cents: {} }, required: ['invoice'] } }], /"requestId", which is no argument/],
  ])('refuses %s by name', (_what, server, tools, message) => {
    expect(() => contractsOf('bank', server, tools, false)).toThrow(message);
  });

  it('leaves a tool out that the server lacks when it is only compared', () => {
    expect(contractsOf('bank', bank, [], true)).toEqual([]);
  });

  it('shows whatever a server changes when it is only compared, with the strictest role for what nobody has seen', () => {
    const [longer] = contractsOf('bank', bank, [{ ...pay, inputSchema: { ...pay.inputSchema, properties: { ...pay.inputSchema.properties, memo: { type: 'string' } } } }], true);
    expect(longer?.roles).toEqual({ invoice: 'target', cents: 'sink', memo: 'sink' });
    const [shorter] = contractsOf('bank', bank, [{ ...pay, inputSchema: { type: 'object' as const, properties: { invoice: { type: 'string' } } } }], true);
    expect(shorter).toMatchObject({ roles: { invoice: 'target' }, identity: ['invoice'] });
  });

  it('lets no argument through by a pattern', () => {
    const [contract] = contractsOf('bank', bank, [{ ...pay, inputSchema: { ...pay.inputSchema, patternProperties: { '.*': {} } } as never }], false);
    expect(contract?.input).not.toHaveProperty('patternProperties');
  });

  it('refuses two tools that would have one name on our side', () => {
    const twice = parseMcpOverlay(JSON.stringify({ servers: { bank: { ...JSON.parse(JSON.stringify(bank)), tools: { 'a.b': { ...bank.tools['pay'] }, a_b: { ...bank.tools['pay'] } } } } }), 'o').servers['bank'];
    expect(() => contractsOf('bank', twice ?? bank, [{ ...pay, name: 'a.b' }, { ...pay, name: 'a_b' }], false)).toThrow(/"a_b".*same name on our side, "bank_a_b", as "a.b"/);
  });

  it('calls nothing that is not pinned', () => {
    expect(() => mcpTools({ overlay, contracts: [], variables: {} })).toThrow(/"read_text_file" of the MCP server "files" has no pinned contract/);
  });

  it.each([
    ['a misspelt effect', text.replace('effect: keyed', 'effect: keyd'), /"servers.bank.tools.pay.effect"/],
    ['both ways to reach a server', text.replace('    http:', '    stdio: { command: x }\n    http:'), /"servers.bank": must have exactly one/],
    ['a secret in the file', text.replace('BANK_AUTHORIZATION', 'Bearer abc'), /"servers.bank.http.headers.authorization": must be the name of an environment variable/],
    ['no YAML', '{ servers: [', /is wrong/],
  ])('with %s is refused, and the field is named', (_what, given, message) => {
    expect(() => parseMcpOverlay(given, 'mcp.yaml')).toThrow(message);
  });
});
