import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { callHttp, contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** An agent with a small window, so that its steps are summed up again and again; its model is a real HTTP server, and so is where it files. */
export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'clerk', instructions: 'File what the task names.', model: 'compatible/counted', taskTypes: ['com.example.filing'], tools: ['file'], trustTier: 'trusted', inputTrust: { goal: 'user' }, budgets: { maxSteps: 5_000, deadlineSeconds: 3_600, contextTokens: 2_000 } }),
];

const filed = z.object({ paper: z.string(), page: z.string() });

const fileAt = (archive: URL): Tool => defineTool({
  name: 'file', description: 'Files a paper, and gives back the page on which it is.', effect: 'keyed', identity: ['paper'], confined: true,
  input: z.strictObject({ paper: z.string() }), output: filed, roles: { paper: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal', fields: { page: { trust: 'third-party' } } }, timeoutMs: 5_000, retry: { attempts: 5, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
  execute: async (paper, context) => (await callHttp<z.infer<typeof filed>>(context, { method: 'POST', url: new URL('/papers', archive), body: paper, idempotencyKey: true })).body,
});

export const tools: ToolModule['tools'] = ({ variables }) => [fileAt(new URL(variables['ARCHIVE_URL'] ?? 'http://archive.invalid'))];
export const contracts: ToolModule['contracts'] = [contractOf(fileAt(new URL('http://archive.invalid')))];
