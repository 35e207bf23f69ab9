import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ReasonerMessage, ReasonerRequest } from '@holdfast/contracts';

/** The conversation as LangChain has it. What a result is worth stands beside it, as Holdfast shows it to models of its own. */
export function conversationOf(messages: readonly ReasonerMessage[]): BaseMessage[] {
  return messages.flatMap((message): BaseMessage[] => {
    switch (message.role) {
      case 'user':
        return [new HumanMessage(message.text)];
      case 'assistant':
        return [new AIMessage({ content: message.text, tool_calls: message.calls.map(({ id, tool, arguments: args }) => ({ id, name: tool, args })) })];
      case 'tool':
        return message.results.map(({ id, status, value, label }) => new ToolMessage({ tool_call_id: id, status: status === 'succeeded' ? 'success' : 'error', content: JSON.stringify({ label, status, content: value }) }));
    }
  });
}

/** The tools as an OpenAI-compatible model is told of them. */
export function toolsOf(tools: ReasonerRequest['tools']) {
  return tools.map(({ name, description, input }) => ({ type: 'function' as const, function: { name, description, parameters: input } }));
}

/** Tokens of all calls of the model within one step. */
export function usageOf(messages: readonly BaseMessage[]): { readonly inputTokens: number; readonly outputTokens: number } {
  const used = messages.map((message) => (message instanceof AIMessage ? message.usage_metadata : undefined));
  return { inputTokens: used.reduce((sum, usage) => sum + (usage?.input_tokens ?? 0), 0), outputTokens: used.reduce((sum, usage) => sum + (usage?.output_tokens ?? 0), 0) };
}
