import { createServer, type IncomingMessage } from 'node:http';

/**
 * The outside world as a process of its own: it counts what is done to it, and no kill of a service can make it forget.
 * `POST /pay` honours `Idempotency-Key`, as payment services do; `POST /book` acts every time that it is asked, and
 * `GET /book/<operation>` tells how often it has. `GET /audit` is the count by somebody else.
 */
interface Operation {
  requests: number;
  effects: number;
}

const operations = { pay: new Map<string, Operation>(), book: new Map<string, Operation>() };
const keys = new Set<string>();
/** The effect is done at once and told of later, so that kills fall between the two, where a second effect threatens. */
const ANSWER_MS = Number(process.env['ANSWER_MS'] ?? 0);

function act(kind: 'pay' | 'book', operation: string, key: string | undefined): number {
  const entry = operations[kind].get(operation) ?? { requests: 0, effects: 0 };
  entry.requests += 1;
  const known = kind === 'pay' && key !== undefined && keys.has(key);
  if (key !== undefined) keys.add(key);
  if (!known) entry.effects += 1;
  operations[kind].set(operation, entry);
  return entry.effects;
}

function audit(kind: 'pay' | 'book') {
  const all = [...operations[kind].values()];
  return {
    operations: all.length,
    /** Operations that the world was asked for more than once, whatever it did then. */
    repeated: all.filter(({ requests }) => requests > 1).length,
    /** Operations that happened more than once. */
    doubled: all.filter(({ effects }) => effects > 1).length,
  };
}

async function bodyOf(request: IncomingMessage): Promise<{ operation: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as { operation: string };
}

const server = createServer((request, response) => {
  const answer = (value: unknown): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  const path = request.url ?? '/';
  if (request.method === 'POST' && (path === '/pay' || path === '/book')) {
    const key = request.headers['idempotency-key'];
    void bodyOf(request).then(({ operation }) => {
      const times = act(path === '/pay' ? 'pay' : 'book', operation, typeof key === 'string' ? key : undefined);
      setTimeout(() => answer({ times }), ANSWER_MS);
    });
  } else if (path.startsWith('/book/')) {
    answer({ times: operations.book.get(decodeURIComponent(path.slice('/book/'.length)))?.effects ?? 0 });
  } else {
    answer({ pay: audit('pay'), book: audit('book') });
  }
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
