import type { ModelMessage } from 'ai';
import { UNKNOWN_READING, writtenAfter, type Label, type Reading, type ReasonerMessage } from '@holdfast/contracts';
import type { Shown } from '../context/turn.js';
import type { Worth } from '../context/worth.js';

type ToolMessage = Extract<ModelMessage, { role: 'tool' }>;
type ResultPart = Extract<ToolMessage['content'][number], { type: 'tool-result' }>;
type ReasonerResult = Extract<ReasonerMessage, { role: 'tool' }>['results'][number];

/**
 * A conversation as a reasoner is shown it, each part with what it is worth. What the model wrote itself, and why its calls were
 * refused, may repeat anything that the run has `read`.
 */
export function reasonerMessages(turns: readonly Shown[], read: Reading | undefined): ReasonerMessage[] {
  const written = (source: string): Label => ({ ...writtenAfter(read ?? UNKNOWN_READING), source });
  return turns.flatMap(({ messages, worths }) => messages.map((message): ReasonerMessage => {
    switch (message.role) {
      case 'tool':
        return { role: 'tool', results: message.content.flatMap((part, at) => (part.type === 'tool-result' ? [resultOf(part, worths[at] ?? { label: written('policy') })] : [])) };
      case 'assistant':
        return { role: 'assistant', ...saidIn(message.content), label: written('model') };
      default:
        return { role: 'user', text: textOf(message.content), ...(worths[0] ?? unknown) } as ReasonerMessage;
    }
  }));
}

const unknown: Worth = { label: { ...UNKNOWN_READING, source: 'unknown' } };

function saidIn(content: Extract<ModelMessage, { role: 'assistant' }>['content']): Pick<Extract<ReasonerMessage, { role: 'assistant' }>, 'text' | 'calls'> {
  if (typeof content === 'string') return { text: content, calls: [] };
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    calls: content.flatMap((part) => (part.type === 'tool-call' ? [{ id: part.toolCallId, tool: part.toolName, arguments: part.input as Record<string, unknown> }] : [])),
  };
}

function resultOf({ toolCallId, toolName, output }: ResultPart, { label, fields, content }: Worth): ReasonerResult {
  const worth = { label, ...(fields === undefined || Object.keys(fields).length === 0 ? {} : { fields: { ...fields } }) };
  const result = { id: toolCallId, tool: toolName, ...worth };
  switch (output.type) {
    case 'json': return { ...result, status: 'succeeded', value: content ?? output.value };
    case 'execution-denied': return { ...result, status: 'refused', value: output.reason ?? '' };
    case 'error-json': return { ...result, status: 'failed', value: content ?? output.value };
    default: return { ...result, status: 'open', value: 'value' in output ? output.value : '' };
  }
}

/** The labels that a model is shown in a part of their own are told beside the text. */
function textOf(content: ModelMessage['content']): string {
  if (typeof content === 'string') return content;
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}
