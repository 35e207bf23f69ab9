/** Whole answers of three protocols as the events of a stream, as a provider sends them when it is asked to. */

interface Chat {
  readonly choices: readonly { readonly message: { readonly content: string | null; readonly tool_calls?: readonly object[] }; readonly finish_reason: string }[];
  readonly usage: object;
}

interface Response {
  readonly status: string;
  readonly output: readonly { readonly type: string; readonly id: string; readonly arguments?: string; readonly content?: readonly { readonly text: string }[] }[];
}

interface Message {
  readonly content: readonly { readonly type: string; readonly text?: string; readonly input?: unknown }[];
  readonly stop_reason: string;
  readonly usage: { readonly output_tokens: number };
}

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { readonly type: string; readonly [field: string]: unknown }): string => `event: ${value.type}\n${data(value)}`;

/** The words of a text one by one, so that a stream has several pieces. */
const words = (text: string): readonly string[] => text.match(/\S+\s*|\s+/g) ?? [];

/** The events, one a piece. A body that is no answer of this protocol goes out as one piece. */
export function streamOf(path: string, body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || 'error' in body && body.error !== null) return [JSON.stringify(body)];
  if (path.endsWith('/chat/completions')) return chatEvents(body as Chat);
  if (path.endsWith('/responses')) return responseEvents(body as Response);
  return messageEvents(body as Message);
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
function chatEvents(body: Chat): readonly string[] {
  const { choices: [choice], usage } = body;
  if (choice === undefined) return [data(body)];
  const chunk = (delta: object, finish: string | null = null, rest: object = {}): string => data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'tried', choices: [{ index: 0, delta, finish_reason: finish }], ...rest });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...words(choice.message.content ?? '').map((content) => chunk({ content })),
    ...(choice.message.tool_calls ?? []).map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
    chunk({}, choice.finish_reason, { usage }),
    'data: [DONE]\n\n',
  ];
}

/** https://platform.openai.com/docs/api-reference/responses-streaming */
function responseEvents(body: Response): readonly string[] {
  const items = body.output.flatMap((item, index) => {
    const place = { output_index: index, item_id: item.id };
    const deltas = item.type === 'message'
      ? words(item.content?.[0]?.text ?? '').map((delta) => named({ type: 'response.output_text.delta', ...place, content_index: 0, delta }))
      : [named({ type: 'response.function_call_arguments.delta', ...place, delta: item.arguments ?? '' })];
    return [
      named({ type: 'response.output_item.added', output_index: index, item: item.type === 'message' ? { ...item, content: [] } : { ...item, arguments: '' } }),
      ...deltas,
      named({ type: 'response.output_item.done', output_index: index, item }),
    ];
  });
  return [
    named({ type: 'response.created', response: { ...body, output: [] } }),
    ...items,
    named({ type: body.status === 'incomplete' ? 'response.incomplete' : 'response.completed', response: body }),
  ];
}

/** https://docs.anthropic.com/en/api/messages-streaming */
function messageEvents(body: Message): readonly string[] {
  const blocks = body.content.flatMap((block, index) => [
    named({ type: 'content_block_start', index, content_block: block.type === 'text' ? { type: 'text', text: '' } : { ...block, input: {} } }),
    ...(block.type === 'text'
      ? words(block.text ?? '').map((text) => named({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }))
      : [named({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: typeof block.input === 'string' ? block.input : JSON.stringify(block.input) } })]),
    named({ type: 'content_block_stop', index }),
  ]);
  return [
    named({ type: 'message_start', message: { ...body, content: [], stop_reason: null } }),
    ...blocks,
    named({ type: 'message_delta', delta: { stop_reason: body.stop_reason, stop_sequence: null }, usage: { output_tokens: body.usage.output_tokens } }),
    named({ type: 'message_stop' }),
  ];
}
