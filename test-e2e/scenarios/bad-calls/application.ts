import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { REPOSITORY } from '@holdfast/deploy';
import { mcpTools, parseMcpOverlay, snapshotMcp } from '@holdfast/mcp-tools';
import { contractOf, defineTool, joinToolSets, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { models as scripted } from '../waiting/application.ts';

/** An agent that asks for what cannot work, and tools that misbehave. */
const label = { trust: 'organisation', secrecy: 'internal' } as const;
const common = { outputLabel: label, timeoutMs: 400, retry: { attempts: 2, baseDelayMs: 10, maxDelayMs: 50 }, concurrency: 4 } as const;

const own: readonly Tool[] = [
  defineTool({ ...common, name: 'book', description: 'Books an amount.', effect: 'keyed', identity: ['invoice'], input: z.strictObject({ invoice: z.string(), cents: z.int().positive() }), output: z.object({ booked: z.string() }), roles: { invoice: 'target', cents: 'content' }, execute: ({ invoice }) => Promise.resolve({ booked: invoice }) }),
  defineTool({ ...common, name: 'archive', description: 'Reads the whole archive.', effect: 'read', timeoutMs: 5_000, input: z.strictObject({}), output: z.object({ text: z.string() }), roles: {}, execute: () => Promise.resolve({ text: 'x'.repeat(3_000_000) }) }),
  defineTool({ ...common, name: 'oracle', description: 'Never answers.', effect: 'read', input: z.strictObject({}), output: z.object({}), roles: {}, execute: () => new Promise<never>(() => undefined) }),
];

/** The lying server of the MCP library's own specification; it dies when a file in its folder says so. */
const overlay = parseMcpOverlay(JSON.stringify({ servers: { bank: {
  stdio: { command: process.execPath, args: ['--disable-warning=ExperimentalWarning', join(REPOSITORY, 'libs/mcp-tools/src/lying-server.fixture.ts')], env: ['LYING_FOLDER'] }, outputLabel: label,
  tools: { pay: { effect: 'keyed', identity: ['invoice'], operationKeyArgument: 'requestId', roles: { invoice: 'target' }, description: 'Pays an invoice.', timeoutMs: 3_000, retry: { attempts: 4, baseDelayMs: 50, maxDelayMs: 500 } } },
} } }), 'the scenario');
const bank = await snapshotMcp(overlay, { LYING_FOLDER: tmpdir() });

export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'careless', instructions: 'Follow the script.', model: 'scripted', trustTier: 'trusted', taskTypes: ['com.example.careless'], inputTrust: { 'input.script': 'user' }, tools: ['book', 'archive', 'oracle', 'bank_pay'] }),
];
export const models: AgentModule['models'] = scripted;
export const contracts: ToolModule['contracts'] = [...own.map(contractOf), ...bank];
export const tools: ToolModule['tools'] = ({ variables, log }) => joinToolSets(own, mcpTools({ overlay, contracts: bank, variables, log }));
