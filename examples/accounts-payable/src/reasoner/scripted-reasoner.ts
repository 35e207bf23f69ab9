import { createHash } from 'node:crypto';
import { readConversation, type Conversation } from './conversation.js';
import { decideNext, type NextMove } from './deciding.js';
import type { ModelCall, ModelResult, ModelStream, ModelStreamPart, ProviderLanguageModel } from './language-model.js';

/** English text has about four characters a token in the tokenizers in common use. */
const charactersPerToken = 4;

/**
 * A language model without a network: it implements the AI SDK's model interface and decides from the messages and the
 * tools of each call alone. It has no clock, no randomness and no memory, so the same prompt gives the same answer.
 */
export class ScriptedReasoner implements ProviderLanguageModel {
  readonly specificationVersion = 'v4' as const;
  readonly provider = 'holdfast.scripted';
  readonly modelId = 'accounts-payable-reasoner-1';
  readonly supportedUrls: Record<string, RegExp[]> = {};

  async doGenerate(call: ModelCall): Promise<ModelResult> {
    call.abortSignal?.throwIfAborted();
    const conversation = readConversation(call);
    const content = contentOf(decideNext(conversation), conversation, digestOf(call));
    const written = JSON.stringify(call.prompt).length + JSON.stringify(call.tools ?? []).length;
    const inputTokens = tokens(written);
    const outputTokens = tokens(content.type === 'text' ? content.text.length : content.toolName.length + content.input.length);
    return {
      content: [content],
      finishReason: content.type === 'text' ? { unified: 'stop', raw: 'stop' } : { unified: 'tool-calls', raw: 'tool_calls' },
      usage: {
        inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: outputTokens, text: content.type === 'text' ? outputTokens : 0, reasoning: 0 },
      },
      response: { modelId: this.modelId },
      warnings: [],
    };
  }

  /** The same result as {@link doGenerate}, in the parts in which a model streams it. */
  async doStream(call: ModelCall): Promise<ModelStream> {
    const { content, finishReason, usage } = await this.doGenerate(call);
    const parts: ModelStreamPart[] = [{ type: 'stream-start', warnings: [] }, { type: 'response-metadata', modelId: this.modelId }];
    for (const part of content) {
      if (part.type === 'text') parts.push({ type: 'text-start', id: 'text-0' }, { type: 'text-delta', id: 'text-0', delta: part.text }, { type: 'text-end', id: 'text-0' });
      if (part.type === 'tool-call') {
        const { toolCallId: id, toolName, input } = part;
        parts.push({ type: 'tool-input-start', id, toolName }, { type: 'tool-input-delta', id, delta: input }, { type: 'tool-input-end', id }, part);
      }
    }
    parts.push({ type: 'finish', finishReason, usage });
    return { stream: ReadableStream.from(parts) as ReadableStream<ModelStreamPart> };
  }
}

type Content = Extract<ModelResult['content'][number], { readonly type: 'text' | 'tool-call' }>;

function contentOf(move: NextMove, conversation: Conversation, digest: string): Content {
  if (move.kind === 'answer') return { type: 'text', text: JSON.stringify({ decision: move.decision, reason: move.reason }) };
  const tool = conversation.tools.get(move.tool);
  const input = JSON.stringify(accepted(move.input, tool?.inputSchema.properties));
  return { type: 'tool-call', toolCallId: `call_${digest.slice(0, 24)}`, toolName: tool?.name ?? move.tool, input };
}

/** Only what the tool's schema names: a strict schema would reject the rest. */
function accepted(input: Readonly<Record<string, unknown>>, properties: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> {
  if (properties === undefined) return input;
  return Object.fromEntries(Object.entries(input).filter(([name]) => Object.hasOwn(properties, name)));
}

function digestOf({ prompt, tools = [] }: ModelCall): string {
  return createHash('sha256').update(JSON.stringify([prompt, tools.map(({ name }) => name)])).digest('hex');
}

function tokens(characters: number): number {
  return Math.max(1, Math.ceil(characters / charactersPerToken));
}
