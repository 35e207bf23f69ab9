import { appendFile } from 'node:fs/promises';
import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, rememberTool, searchTool, type PassageSearch, type Remember, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/**
 * Agents that follow the script of their task, one call a step. Like any model they act upon what they read: `$address` in a script
 * stands for the first address in what the last call gave back. They end with all of that.
 */
type Model = Exclude<LanguageModel, string>;
type Prompt = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0]['prompt'];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

function decideNext(prompt: Prompt) {
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { script } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { script: readonly (readonly [tool: string, given: object])[] };
  const results = prompt.flatMap((message) => (message.role === 'tool' ? message.content : []));
  const read = JSON.stringify(results.at(-1)) ?? '';
  const next = script[results.length];
  if (next === undefined) return { content: [{ type: 'text' as const, text: read === '' ? 'Nothing was asked for.' : read }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] };
  const address = /[a-z]+@[a-z.]+[a-z]/.exec(read)?.[0] ?? 'nobody@nowhere.example';
  return { content: [{ type: 'tool-call' as const, toolCallId: `call-${results.length}`, toolName: next[0], input: JSON.stringify(next[1]).replaceAll('$address', address) }], finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

const scripted = {
  specificationVersion: 'v4' as const, provider: 'scenario', modelId: 'scripted', supportedUrls: {},
  doGenerate: async ({ prompt }: { readonly prompt: Prompt }) => decideNext(prompt),
} as unknown as LanguageModel;

const common = { instructions: 'Follow the script.', model: 'scripted', trustTier: 'supervised' as const, inputTrust: { 'input.script': 'user' as const }, tools: ['search_memory', 'remember', 'send_letter', 'holdfast_start_run'] };
export const agents: AgentModule['agents'] = [
  defineAgent({ ...common, name: 'clerk', taskTypes: ['com.example.clerk'], memoryScopes: ['library', 'notes'] }),
  defineAgent({ ...common, name: 'reader', taskTypes: ['com.example.reader'], tools: ['search_memory', 'holdfast_start_run'], memoryScopes: ['library'] }),
];
export const models: AgentModule['models'] = { scripted: () => scripted };

function toolsOn(letters: string, search: PassageSearch, remember: Remember): readonly Tool[] {
  return [
    searchTool({ name: 'search_memory', description: 'Searches the library and what was remembered.', scopes: ['library', 'notes'], search, minimumTrust: 'model', highestSecrecy: 'secret' }),
    rememberTool({ name: 'remember', description: 'Remembers something for later.', scope: 'notes', remember }),
    defineTool({
      name: 'send_letter', description: 'Sends a letter.', effect: 'keyed', identity: ['to', 'body'], input: z.strictObject({ to: z.string(), body: z.string() }), output: z.object({ sent: z.boolean() }),
      roles: { to: 'sink', body: 'content' }, outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 2_000, retry: { attempts: 3, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
      execute: async ({ to }) => {
        await appendFile(letters, `${to}\n`);
        return { sent: true };
      },
    }),
  ];
}

const nothing = (): Promise<never> => Promise.reject(new Error('These tools exist only for their contracts.'));
export const contracts: ToolModule['contracts'] = toolsOn('', nothing, nothing).map((tool) => contractOf(tool));
export const tools: ToolModule['tools'] = ({ variables, searchMemory, remember }) => toolsOn(variables['LETTERS'] ?? '', searchMemory, remember);
