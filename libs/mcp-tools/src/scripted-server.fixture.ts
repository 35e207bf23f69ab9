import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A JSON-RPC message as it came; an answer has no method. */
export interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly code: number };
}

export interface Heard {
  readonly http: string;
  readonly headers: IncomingHttpHeaders;
  readonly message: Message | undefined;
}

/** Answers a request by itself and returns true, or leaves it to the server. */
export type Script = (heard: Heard, response: ServerResponse) => boolean;

/** An MCP server over streamable HTTP that does nothing but what its script says, and that a client library would not let itself be. */
export class ScriptedServer {
  readonly heard: Heard[] = [];
  readonly url: string;

  private constructor(private readonly server: ReturnType<typeof createServer>) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = createServer((request, response) => void (async () => {
      const body = await text(request);
      const heard: Heard = { http: `${request.method} ${request.url}`, headers: request.headers, message: body === '' ? undefined : (JSON.parse(body) as Message) };
      scripted.heard.push(heard);
      if (!script(heard, response)) greet(heard, response);
    })());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const scripted = new ScriptedServer(server);
    return scripted;
  }

  /** The messages of one method. */
  asked(method: string): readonly Message[] {
    return this.heard.flatMap(({ message }) => (message?.method === method ? [message] : []));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function answer(response: ServerResponse, id: Message['id'], result: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

/** The greeting as the specification has it, no tools, and no stream of the server's own. */
function greet({ message }: Heard, response: ServerResponse): void {
  if (message?.method === 'initialize') answer(response, message.id, { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'scripted', version: '1.0.0' } });
  else if (message?.method === 'tools/list') answer(response, message.id, { tools: [] });
  else response.writeHead(message === undefined ? 405 : 202).end();
}
