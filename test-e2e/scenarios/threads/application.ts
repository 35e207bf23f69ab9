import type { LanguageModel } from 'ai';
import { defineAgent, type AgentModule } from '@holdfast/agent-sdk';
import type { ToolModule } from '@holdfast/tool-sdk';

/** An agent that answers with what it was told of its thread, and asks for nothing. */
type Model = Exclude<LanguageModel, string>;
type Prompt = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0]['prompt'];

function answerTo(prompt: Prompt): string {
  const [task, , thread] = prompt.flatMap((message) => (message.role === 'user' ? message.content.map((part) => (part.type === 'text' ? (JSON.parse(part.text) as { goal?: string; turns?: readonly { asked: string }[] }) : {})) : []));
  return `To "${task?.goal ?? ''}", after: ${(thread?.turns ?? []).map(({ asked }) => asked).join(' | ')}`;
}

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };
const telling = {
  specificationVersion: 'v4' as const, provider: 'scenario', modelId: 'telling', supportedUrls: {},
  doGenerate: async ({ prompt }: { readonly prompt: Prompt }) => ({ content: [{ type: 'text' as const, text: answerTo(prompt) }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] }),
} as unknown as LanguageModel;

export const agents: AgentModule['agents'] = [defineAgent({ name: 'teller', instructions: 'Tell what you were told.', model: 'telling', trustTier: 'trusted', taskTypes: ['com.example.tell'], tools: ['holdfast_wait'] })];
export const models: AgentModule['models'] = { telling: () => telling };
export const tools: ToolModule['tools'] = () => [];
export const contracts: ToolModule['contracts'] = [];
