import type { AgentModule } from '@holdfast/agent-sdk';

/** What a model of the AI SDK (version 4 of its provider interface) is asked and answers, as far as this one goes. */
interface Prompt {
  readonly prompt: readonly { readonly role: string; readonly content: unknown }[];
}

const usage = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } };

/** A stand-in for a model: it reads the task and the results so far, and does the next thing. It is no model, and knows this one task. */
function decideNext({ prompt }: Prompt) {
  const task = JSON.stringify(prompt.find(({ role }) => role === 'user'));
  const results = prompt.filter(({ role }) => role === 'tool').map((message) => JSON.stringify(message));
  const orderId = /ORD-\d+/.exec(task)?.[0] ?? 'ORD-0';
  const amountCents = Number(/totalCents\W+(\d+)/.exec(results[0] ?? '')?.[1] ?? 0);
  if (results.length === 0) return call('find_order', { orderId });
  if (results.length === 1 && amountCents > 0) return call('refund_order', { orderId, amountCents });
  const text = /amountCents/.test(results[1] ?? '') ? `Order ${orderId} was refunded.` : `Order ${orderId} was not refunded.`;
  return { content: [{ type: 'text', text }], finishReason: { unified: 'stop', raw: 'stop' }, usage, warnings: [] };
}

function call(toolName: string, input: object) {
  return { content: [{ type: 'tool-call', toolCallId: `call-${toolName}`, toolName, input: JSON.stringify(input) }], finishReason: { unified: 'tool-calls', raw: 'tool_calls' }, usage, warnings: [] };
}

const scripted = { specificationVersion: 'v4', provider: 'example', modelId: 'scripted', supportedUrls: {}, doGenerate: async (asked: Prompt) => decideNext(asked) };

type Model = ReturnType<NonNullable<AgentModule['models']>[string]>;

/** Models of the project's own, by the name that agents.yaml uses. */
export const models: AgentModule['models'] = { scripted: () => scripted as unknown as Model };
