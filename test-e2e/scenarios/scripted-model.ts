import type { LanguageModel } from 'ai';

type Model = Exclude<LanguageModel, string>;
type Prompt = Parameters<Extract<Model, { specificationVersion: 'v4' }>['doGenerate']>[0]['prompt'];

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

function decideNext(prompt: Prompt) {
  const task = prompt.find((message) => message.role === 'user')?.content[0];
  const { script } = JSON.parse(task?.type === 'text' ? task.text : '{}') as { script: readonly (readonly [tool: string, given: object])[] };
  const results = prompt.flatMap((message) => (message.role === 'tool' ? message.content : []));
  const read = JSON.stringify(results.at(-1));
  const next = script[results.length];
  if (next === undefined) return { content: [{ type: 'text' as const, text: read ?? 'nothing was asked for' }], finishReason: { unified: 'stop' as const, raw: 'stop' }, usage, warnings: [] };
  const address = /[a-z]+@[a-z.]+[a-z]/.exec(read ?? '')?.[0] ?? 'nobody@nowhere.example';
  return { content: [{ type: 'tool-call' as const, toolCallId: `call-${results.length}`, toolName: next[0], input: JSON.stringify(next[1]).replaceAll('$address', address) }], finishReason: { unified: 'tool-calls' as const, raw: 'tool_calls' }, usage, warnings: [] };
}

/**
 * A model that follows the script of its task, one call a step, and ends with what the last of them gave back. Like any model it acts upon
 * what it reads: `$address` in a script stands for the first address in what the last call gave back.
 */
export const scripted = {
  specificationVersion: 'v4' as const, provider: 'scenario', modelId: 'scripted', supportedUrls: {},
  doGenerate: async ({ prompt }: { readonly prompt: Prompt }) => decideNext(prompt),
} as unknown as LanguageModel;
