import { appendFile } from 'node:fs/promises';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, rememberTool, searchTool, type PassageSearch, type Remember, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';
import { scripted } from '../scripted-model.ts';

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
