import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { streamOf } from './model-stream.fixture.js';

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text goes out as it is; anything else as JSON. `hang` never answers, and `accept` sends its headers and then nothing. */
  readonly body: unknown;
  /** Milliseconds between the pieces of a stream. */
  readonly pauseMs?: number;
}

/** A model provider on a port of its own: gives its answers in order, the last one again and again, and keeps what it was sent. */
export class ModelServer {
  readonly received: ReceivedRequest[] = [];
  private readonly waiting = new Set<ServerResponse>();

  private constructor(private readonly server: Server, readonly url: string) {}

  static async answering(...answers: readonly Answer[]): Promise<ModelServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const model = new ModelServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        model.received.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown> });
        const answer = answers[Math.min(model.received.length, answers.length) - 1];
        if (answer === undefined || answer.body === 'hang') {
          model.waiting.add(response);
          return;
        }
        const streams = model.received.at(-1)?.body['stream'] === true && (answer.status ?? 200) < 300;
        response.writeHead(answer.status ?? 200, { 'content-type': streams ? 'text/event-stream' : 'application/json', ...answer.headers });
        if (answer.body === 'accept') {
          response.flushHeaders();
          model.waiting.add(response);
          return;
        }
        if (typeof answer.body === 'string') return void response.end(answer.body);
        void send(response, streams ? streamOf(request.url ?? '', answer.body) : [JSON.stringify(answer.body)], answer.pauseMs);
      });
    });
    return model;
  }

  async close(): Promise<void> {
    for (const response of this.waiting) response.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function send(response: ServerResponse, pieces: readonly string[], pauseMs = 0): Promise<void> {
  for (const piece of pieces) {
    response.write(piece);
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  response.end();
}

export interface WrittenCall {
  readonly id: string;
  readonly name: string;
  /** As the model writes it: a text that ought to be a JSON object. */
  readonly arguments: string;
}

/** What one provider's protocol looks like on the wire. */
export interface Protocol {
  readonly path: string;
  calls(...calls: readonly WrittenCall[]): Answer;
  text(text: string, finish?: 'stop' | 'length'): Answer;
}

/** https://platform.openai.com/docs/api-reference/chat/object, which all compatible servers speak. */
export const chatCompletions: Protocol = {
  path: '/v1/chat/completions',
  calls: (...calls) => chat({ role: 'assistant', content: null, tool_calls: calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } })) }, 'tool_calls'),
  text: (text, finish = 'stop') => chat({ role: 'assistant', content: text }, finish),
};

function chat(message: object, finish: string): Answer {
  return { body: { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'tried', choices: [{ index: 0, message, finish_reason: finish }], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } } };
}

/** https://platform.openai.com/docs/api-reference/responses/object */
export const responses: Protocol = {
  path: '/v1/responses',
  calls: (...calls) => response(calls.map((call) => ({ type: 'function_call', id: `fc_${call.id}`, call_id: call.id, name: call.name, arguments: call.arguments, status: 'completed' }))),
  text: (text, finish = 'stop') => response([{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] }], finish === 'length' ? { reason: 'max_output_tokens' } : null),
};

function response(output: readonly object[], incomplete: { readonly reason: string } | null = null): Answer {
  return { body: { id: 'resp_1', object: 'response', created_at: 1, status: incomplete === null ? 'completed' : 'incomplete', model: 'tried', error: null, incomplete_details: incomplete, output, usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 } } };
}

/** https://docs.anthropic.com/en/api/messages; arguments arrive as a JSON value and not as a text. */
export const messages: Protocol = {
  path: '/v1/messages',
  calls: (...calls) => anthropic(calls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: readable(call.arguments) })), 'tool_use'),
  text: (text, finish = 'stop') => anthropic([{ type: 'text', text }], finish === 'length' ? 'max_tokens' : 'end_turn'),
};

function anthropic(content: readonly object[], stop: string): Answer {
  return { body: { id: 'msg_1', type: 'message', role: 'assistant', model: 'tried', content, stop_reason: stop, stop_sequence: null, usage: { input_tokens: 11, output_tokens: 7 } } };
}

function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
