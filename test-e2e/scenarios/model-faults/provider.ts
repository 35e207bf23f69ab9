import type { ServerResponse } from 'node:http';
import { LocalServer, bodyOf } from '../planner-kills/servers.ts';
import { FAULTS, modelOf, type Reply } from './faults.ts';

const TOKENS = { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 };
const PIECE = 4_096;

/** A provider that speaks the chat completions protocol as a stream, misbehaves as each model is told to, and keeps its own books of what was asked and what is to be paid. */
export class Provider extends LocalServer {
  readonly asked = new Map<string, number>();
  readonly tokens = new Map<string, number>();

  constructor() {
    super(async (request, response) => {
      const { model } = await bodyOf<{ model: string }>(request);
      const nth = this.asked.get(model) ?? 0;
      this.asked.set(model, nth + 1);
      const replies = Object.entries(FAULTS).flatMap(([name, { replies: [first, second = []] }]) => (model === modelOf(name, 0) ? first : model === modelOf(name, 1) ? second : []));
      this.reply(model, replies[Math.min(nth, replies.length - 1)] ?? {}, response);
    });
  }

  private reply(model: string, { status = 200, retryAfter, text, call, finish, instead }: Reply, response: ServerResponse): void {
    if (status !== 200) {
      response.writeHead(status, { 'content-type': 'application/json', ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) }).end(JSON.stringify({ error: { message: `status ${status}`, type: 'error' } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (text === undefined && call === undefined) return response.flushHeaders();
    const send = (delta: object, last: string | null = null): unknown => response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model, choices: [{ index: 0, delta, finish_reason: last }], ...(last === null ? {} : { usage: TOKENS }) })}\n\n`);
    send({ role: 'assistant', content: '' });
    for (let from = 0; text !== undefined && from < text.length; from += PIECE) send({ content: text.slice(from, from + PIECE) });
    if (call !== undefined) {
      send({ tool_calls: [{ index: 0, id: 'call', type: 'function', function: { name: call.name, arguments: '' } }] });
      for (let from = 0; from < call.arguments.length; from += PIECE) send({ tool_calls: [{ index: 0, function: { arguments: call.arguments.slice(from, from + PIECE) } }] });
    }
    if (instead === 'hangs') return;
    if (instead === 'ends') return void response.end();
    send({}, finish ?? (call === undefined ? 'stop' : 'tool_calls'));
    this.tokens.set(model, (this.tokens.get(model) ?? 0) + TOKENS.total_tokens);
    response.end('data: [DONE]\n\n');
  }
}
