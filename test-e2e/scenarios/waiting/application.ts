import { appendFile } from 'node:fs/promises';
import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, type Tool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** Agents that follow a script: the task names the calls, one a step, and the answer is what the last of them gave back. */
type Model = Exclude<LanguageModel, string>;
type Prompt = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0]['prompt'];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

function decideNext(prompt: Prompt) {
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { script } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { script: readonly (readonly [tool: string, given: object])[] };
  const results = prompt.flatMap((message) => (message.role === 'tool' ? message.content : []));
  const next = script[results.length];
  return next === undefined
    ? { content: [{ type: 'text' as const, text: JSON.stringify(results.at(-1)) ?? 'nothing was asked for' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] }
    : { content: [{ type: 'tool-call' as const, toolCallId: `call-${results.length}`, toolName: next[0], input: JSON.stringify(next[1]) }], finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

const scripted = {
  specificationVersion: 'v4' as const, provider: 'scenario', modelId: 'scripted', supportedUrls: {},
  doGenerate: async ({ prompt }: { readonly prompt: Prompt }) => decideNext(prompt),
} as unknown as LanguageModel;

const common = { instructions: 'Follow the script.', model: 'scripted', trustTier: 'trusted' as const };
export const agents: AgentModule['agents'] = [
  defineAgent({ ...common, name: 'lead', inputTrust: { 'input.script': 'user' }, taskTypes: ['com.example.lead'], tools: ['holdfast_wait', 'holdfast_wait_signal', 'holdfast_ask_person', 'holdfast_start_run', 'reserve', 'release'] }),
  defineAgent({ ...common, name: 'helper', taskTypes: ['com.example.help'], tools: ['holdfast_wait'] }),
];
export const models: AgentModule['models'] = { scripted: () => scripted };

const seat = z.strictObject({ seat: z.string() });
const effect = {
  input: seat, output: z.object({ reservation: z.string() }), effect: 'keyed' as const, identity: ['seat'] as const, roles: { seat: 'target' as const },
  outputLabel: { trust: 'organisation' as const, secrecy: 'internal' as const }, timeoutMs: 2_000, retry: { attempts: 3, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 8,
};

/** Effects are lines of a file, which anyone can count. */
function toolsOn(file: string): readonly Tool[] {
  return [
    defineTool({
      ...effect, name: 'reserve', description: 'Reserves a seat.', compensate: { tool: 'release', arguments: { seat: { argument: 'seat' } } },
      execute: async ({ seat: name }) => {
        await appendFile(file, `reserve ${name}\n`);
        return { reservation: `reservation-${name}` };
      },
    }),
    defineTool({
      ...effect, name: 'release', description: 'Releases a seat.',
      execute: async ({ seat: name }) => {
        await appendFile(file, `release ${name}\n`);
        return { reservation: `reservation-${name}` };
      },
    }),
  ];
}

export const tools: ToolModule['tools'] = ({ variables }) => toolsOn(variables['SEATS_FILE'] ?? '/dev/null');
export const contracts: ToolModule['contracts'] = toolsOn('/dev/null').map((tool) => contractOf(tool));
