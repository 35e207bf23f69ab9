import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLog, type ToolLog } from '@holdfast/tool-sdk';
import { McpConnection } from './connection.js';
import { ScriptedServer, answer, type Message, type Script } from './scripted-server.fixture.js';

const TOOL = (name: string): object => ({ name, inputSchema: { type: 'object' } });

describe('a connection to an MCP server', () => {
  const warnings: string[] = [];
  const log: ToolLog = { ...silentLog, warn: (fields) => warnings.push(JSON.stringify(fields)) };
  const ends: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    warnings.length = 0;
    for (const end of ends.splice(0).reverse()) await end.close();
  });

  const serve = async (script: Script): Promise<ScriptedServer> => {
    const server = await ScriptedServer.start(script);
    ends.push(server);
    return server;
  };
  const connect = ({ url }: ScriptedServer): McpConnection => {
    const connection = new McpConnection({
      name: 'scripted', log, variables: { TOKEN: 'Bearer secret' },
      server: { http: { url, headers: { authorization: 'TOKEN' } }, outputLabel: { trust: 'third-party', secrecy: 'internal' }, tools: {} },
    });
    ends.push(connection);
    return connection;
  };
  const call = (connection: McpConnection): ReturnType<McpConnection['call']> => connection.call('pay', {}, {}, { signal: AbortSignal.timeout(10_000), timeoutMs: 10_000 });
  const settled = async (isTrue: () => boolean): Promise<void> => {
    for (let tries = 0; tries < 200 && !isTrue(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 25));
  };

  describe('that lists its tools in pages', () => {
    const listing = (page: (cursor: unknown) => object): Promise<ScriptedServer> => serve(({ message }, response) => {
      if (message?.method !== 'tools/list') return false;
      answer(response, message.id, page(message.params?.['cursor']));
      return true;
    });

    it('reads them all, each with the cursor of the one before it', async () => {
      const pages: Readonly<Record<string, object>> = { none: { tools: [TOOL('a'), TOOL('b')], nextCursor: 'two' }, two: { tools: [TOOL('c')], nextCursor: 'three' }, three: { tools: [TOOL('d')] } };
      const server = await listing((cursor) => pages[String(cursor ?? 'none')] ?? {});
      expect((await connect(server).list()).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
      expect(server.asked('tools/list').map(({ params }) => params?.['cursor'])).toEqual([undefined, 'two', 'three']);
    });

    it('gives up when the pages have no end', async () => {
      const server = await listing(() => ({ tools: [TOOL('a')], nextCursor: 'again' }));
      await expect(connect(server).list()).rejects.toMatchObject({ code: 'mcp.list-endless', retryable: false, message: expect.stringContaining('"scripted"') });
      expect(server.asked('tools/list')).toHaveLength(100);
    });
  });

  describe('that redirects', () => {
    it.each([301, 302, 303, 307, 308])('is not followed to another origin, and no credentials go there (%s)', async (status) => {
      const other = await serve(() => false);
      const server = await serve((_heard, response) => {
        response.writeHead(status, { location: other.url }).end();
        return true;
      });
      await expect(connect(server).list()).rejects.toMatchObject({ code: 'mcp.unreachable', message: expect.stringMatching(/redirect/) });
      expect(server.heard[0]?.headers.authorization).toBe('Bearer secret');
      expect(other.heard).toEqual([]);
    });

    it.each(['GET', 'POST'])('is not followed within its origin either, once it is connected (%s)', async (method) => {
      const server = await serve(({ http, message }, response) => {
        const isGreeting = message?.method === 'initialize' || message?.method === 'notifications/initialized';
        if (isGreeting || !http.startsWith(method)) return false;
        response.writeHead(307, { location: '/elsewhere' }).end();
        return true;
      });
      // The stream of the server's own is opened beside the questions; that it failed is told to the log.
      await connect(server).list().catch(() => undefined);
      await settled(() => warnings.length > 0);
      expect(warnings).toContainEqual(expect.stringMatching(/fetch failed/));
      expect(server.heard.map(({ http }) => http)).not.toContain(`${method} /elsewhere`);
    });
  });

  it('offers no capability, and refuses what the server asks of it during a call', async () => {
    const wishes = ['sampling/createMessage', 'elicitation/create', 'roots/list'];
    const answers: Message[] = [];
    const server = await serve(({ message }, response) => {
      if (message?.method === 'tools/call') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const send = (data: object): void => void response.write(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...data })}\n\n`);
        for (const method of wishes) send({ id: method, method, params: { messages: [], maxTokens: 10, message: 'Your password?', requestedSchema: { type: 'object', properties: {} } } });
        void settled(() => answers.length === wishes.length).then(() => {
          send({ id: message.id, result: { content: [{ type: 'text', text: 'done' }] } });
          response.end();
        });
        return true;
      }
      if (message?.method === undefined && message?.id !== undefined) answers.push(message);
      return false;
    });
    expect(await call(connect(server))).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
    expect(server.asked('initialize')[0]?.params?.['capabilities']).toEqual({});
    expect(answers.map(({ id, error }) => [id, error?.code]).sort()).toEqual([...wishes].sort().map((method) => [method, -32601]));
  });

  it('that says without end that its tools changed is looked at now and then, and once more after its last word', async () => {
    const TIMES = 1_000;
    const server = await serve(({ http }, response) => {
      if (!http.startsWith('GET')) return false;
      const event = (data: object): string => `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...data })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event({ method: 'notifications/tools/list_changed' }).repeat(TIMES) + event({ id: 'after them', method: 'ping' }));
      return true;
    });
    const connection = connect(server);
    let changes = 0;
    connection.onChange(() => { changes += 1; });
    await connection.list();
    await settled(() => server.heard.some(({ message }) => message?.id === 'after them'));
    // The first is told of the new connection.
    await settled(() => changes > 1);
    expect(changes).toBeGreaterThan(1);
    expect(changes).toBeLessThan(TIMES / 10);
  });
});
