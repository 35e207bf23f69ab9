import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage, SystemMessage, type BaseMessage } from '@langchain/core/messages';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { ReasonerRequest } from '@holdfast/contracts';
import type { Reasoned } from '@holdfast/agent-sdk/reasoner';
import { conversationOf, toolsOf, usageOf } from './conversation.js';

const State = Annotation.Root({
  request: Annotation<ReasonerRequest>,
  /** What the model was asked, and what it said, within this one step. */
  messages: Annotation<BaseMessage[]>({ reducer: (before, more) => [...before, ...more], default: () => [] }),
  reply: Annotation<Reasoned>,
});

/**
 * A graph that plans one step: it thinks, and then chooses calls or an answer. Where a graph of LangGraph's own would go on to a node that
 * runs the tools, this one ends: its calls are handed to Holdfast as a proposal. It has no checkpointer, since the next request brings the
 * whole conversation, and no node of it does anything but ask the model.
 */
export function planningGraph(model: BaseChatModel, modelName: string) {
  return new StateGraph(State)
    .addNode('think', async ({ request }) => {
      const prompt = [new SystemMessage(request.instructions), ...conversationOf(request.messages)];
      const thought = await model.invoke([...prompt, new HumanMessage('Say in one sentence what has to be done next. Call nothing yet.')]);
      return { messages: [thought] };
    })
    .addNode('choose', async ({ request, messages: [thought] }) => {
      const prompt = [new SystemMessage(request.instructions), ...conversationOf(request.messages), new HumanMessage(`Your own thought: ${thought?.text ?? ''}`)];
      const choosing = request.mayOnlyAnswer || request.tools.length === 0 ? model : (model.bindTools?.(toolsOf(request.tools)) ?? model);
      return { messages: [await choosing.invoke(prompt)] };
    })
    .addNode('propose', ({ messages }) => ({ reply: proposalOf(messages, modelName) }))
    .addEdge(START, 'think')
    .addEdge('think', 'choose')
    .addEdge('choose', 'propose')
    .addEdge('propose', END)
    .compile();
}

/** The place of a node for tools: what the model wants is said, and not done. */
function proposalOf(messages: readonly BaseMessage[], modelName: string): Reasoned {
  const chosen = messages.at(-1);
  const text = chosen?.text ?? '';
  const model = { name: modelName, ...usageOf(messages) };
  const calls = chosen instanceof AIMessage ? (chosen.tool_calls ?? []) : [];
  if (calls.length === 0) return { text, answer: text, model };
  return { text, requests: calls.map(({ id, name, args }) => ({ ...(id === undefined ? {} : { id }), tool: name, arguments: args })), model };
}
