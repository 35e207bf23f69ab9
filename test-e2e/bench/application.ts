import { simulateReadableStream, type LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import { contractOf, defineTool, type ToolModule } from '@holdfast/tool-sdk';
import { z } from 'zod';

/** The loop that other runtimes were measured on: an instant model asks for one instant tool, again and again. */
type Model = Exclude<LanguageModel, string>;
type Call = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

/** Asks for `count` once for each step that the task wants, and then answers. */
function decideNext(prompt: Call['prompt']) {
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { run, steps } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { run: string; steps: number };
  const done = prompt.filter((message) => message.role === 'tool').length;
  return done >= steps
    ? { content: [{ type: 'text' as const, text: 'done' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] }
    : { content: [{ type: 'tool-call' as const, toolCallId: `call-${done + 1}`, toolName: 'count', input: JSON.stringify({ operation: `${run}-${done + 1}` }) }], finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

const instantModel = {
  specificationVersion: 'v4' as const, provider: 'bench', modelId: 'instant', supportedUrls: {},
  doGenerate: async ({ prompt }: Call) => decideNext(prompt),
  doStream: async () => ({ stream: simulateReadableStream({ chunks: [] }) }),
} as unknown as LanguageModel;

export const agents: AgentModule['agents'] = [
  defineAgent({ name: 'bench', instructions: 'Count.', model: 'instant', taskTypes: ['com.example.bench'], tools: ['count'], trustTier: 'trusted', inputTrust: { 'input.run': 'user' }, budgets: { maxSteps: 10_000 } }),
];
export const models: AgentModule['models'] = { instant: () => instantModel };

const calls = new Map<string, number>();

const count = defineTool({
  name: 'count', description: 'Counts an operation.', effect: 'keyed', identity: ['operation'],
  input: z.strictObject({ operation: z.string() }), output: z.object({ times: z.int() }), roles: { operation: 'content' },
  outputLabel: { trust: 'organisation', secrecy: 'internal' }, timeoutMs: 1_000, retry: { attempts: 3, baseDelayMs: 50, maxDelayMs: 500 }, concurrency: 256,
  execute: async ({ operation }) => {
    const times = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, times);
    return { times };
  },
});

export const tools: ToolModule['tools'] = () => [count];
export const contracts: ToolModule['contracts'] = [contractOf(count)];
