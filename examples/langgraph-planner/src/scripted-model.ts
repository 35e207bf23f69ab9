import { BaseChatModel, type BindToolsInput } from '@langchain/core/language_models/chat_models';
import { AIMessage, ToolMessage, type BaseMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';

/** A model without a provider, for tests and for trying things out: it calls its first tool with the task's goal, and then answers. */
export class ScriptedModel extends BaseChatModel {
  constructor(private readonly tool?: string) {
    super({});
  }

  _llmType(): string {
    return 'scripted';
  }

  override bindTools(tools: BindToolsInput[]): ScriptedModel {
    const [first] = tools as readonly { readonly function?: { readonly name: string } }[];
    return new ScriptedModel(first?.function?.name);
  }

  async _generate(messages: BaseMessage[]): Promise<ChatResult> {
    const message = new AIMessage({ ...this.say(messages), usage_metadata: { input_tokens: messages.length, output_tokens: 1, total_tokens: messages.length + 1 } });
    return { generations: [{ text: message.text, message }] };
  }

  private say(messages: readonly BaseMessage[]): { readonly content: string; readonly tool_calls?: { id: string; name: string; args: Record<string, unknown> }[] } {
    if (this.tool === undefined) return { content: 'I look at what the task asks for.' };
    if (messages.some((message) => message instanceof ToolMessage)) return { content: 'It is done.' };
    return { content: '', tool_calls: [{ id: 'call-1', name: this.tool, args: { reference: goalIn(messages) } }] };
  }
}

function goalIn(messages: readonly BaseMessage[]): string {
  const task = messages.find((message) => message.type === 'human');
  return (JSON.parse(task?.text ?? '{}') as { readonly goal?: string }).goal ?? '';
}
