import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** An agent that plans first, whose model is a real HTTP server. Its policies allow it everything, so that its plan alone stands in the way. */
export const agents: AgentModule['agents'] = [
  defineAgent({
    name: 'clerk', instructions: 'Do what the task says.', model: 'compatible/obedient', taskTypes: ['com.example.mail'], tools: ['read_mail', 'file', 'forward'], trustTier: 'trusted', inputTrust: { goal: 'user' }, strategy: 'plan-then-execute',
    budgets: { maxReplans: 1 },
  }),
];

const act = (office: URL, name: string): Tool => defineTool({
  name, description: `Does ${name} with a letter.`, effect: 'keyed', identity: ['letter'],
  input: z.strictObject({ letter: z.string() }), output: z.object({ letter: z.string() }), roles: { letter: 'target' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async (given, context) => (await callHttp<{ letter: string }>(context, { method: 'POST', url: new URL(`/${name}`, office), body: given, idempotencyKey: true })).body,
});

const readMail = (office: URL): Tool => defineTool({
  name: 'read_mail', description: 'Reads the mail.', effect: 'read', input: z.strictObject({}), output: z.object({ text: z.string() }), roles: {},
  outputLabel: { trust: 'third-party', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async (_, context) => (await callHttp<{ text: string }>(context, { method: 'GET', url: new URL('/mail', office) })).body,
});

const all = (office: URL): Tool[] => [readMail(office), act(office, 'file'), act(office, 'forward')];
export const tools: ToolModule['tools'] = ({ variables }) => all(new URL(variables['OFFICE_URL'] ?? 'http://office.invalid'));
export const contracts: ToolModule['contracts'] = all(new URL('http://office.invalid')).map(contractOf);
