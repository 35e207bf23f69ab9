import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kill } from 'node:process';

export async function bodyOf<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
}

export class LocalServer {
  private readonly server: Server;

  constructor(handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>) {
    this.server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

interface Chat {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

/** What becomes of the first call for a task. */
export interface Handling {
  /** After the first words the answer waits for this. */
  readonly after?: Promise<void>;
  /** Then whoever asks is killed, and given no answer. */
  readonly killsAsker?: boolean;
}

/**
 * A provider that speaks the chat completions protocol, always as a stream, and counts what it is asked, by the task's goal.
 * Each answer is another one: a second call for a step orders something else, so that it would be a second effect.
 */
export class Provider extends LocalServer {
  /** Calls for the first step of each task. */
  readonly calls = new Map<string, number>();
  readonly handling = new Map<string, Handling>();

  constructor() {
    super((request, response) => this.answer(request, response));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { messages } = await bodyOf<Chat>(request);
    const goal = /"goal": "([^"]*)"/.exec(JSON.stringify(messages.find(({ role }) => role === 'user')?.content).replaceAll('\\"', '"'))?.[1] ?? '';
    const isFirstStep = !messages.some(({ role }) => role === 'tool');
    const nth = (this.calls.get(goal) ?? 0) + 1;
    if (isFirstStep) this.calls.set(goal, nth);
    const { killsAsker = false, after } = (isFirstStep && nth === 1 ? this.handling.get(goal) : undefined) ?? {};
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (delta: object, finish: string | null = null): unknown => response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'counted', choices: [{ index: 0, delta, finish_reason: finish }], ...(finish === null ? {} : { usage: { prompt_tokens: 9, completion_tokens: 9, total_tokens: 18 } }) })}\n\n`);
    for (const word of `This is the answer number ${nth} . `.match(/\S+ /g) ?? []) send({ content: word });
    await after;
    if (killsAsker) return void kill(Number(request.headers['x-planner-process']), 'SIGKILL');
    if (isFirstStep) send({ tool_calls: [{ index: 0, id: `call-${nth}`, type: 'function', function: { name: 'order', arguments: JSON.stringify({ reference: `${goal} ${nth}` }) } }] });
    send({}, isFirstStep ? 'tool_calls' : 'stop');
    response.end('data: [DONE]\n\n');
  }
}

/** A shop that honours Idempotency-Key and counts what was ordered. */
export class Shop extends LocalServer {
  readonly orders: string[] = [];
  private readonly keys = new Set<unknown>();

  constructor() {
    super(async (request, response) => {
      const { reference } = await bodyOf<{ reference: string }>(request);
      const key = request.headers['idempotency-key'];
      if (!this.keys.has(key)) this.orders.push(reference);
      this.keys.add(key);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ reference }));
    });
  }
}
