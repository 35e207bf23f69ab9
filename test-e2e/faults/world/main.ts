import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Effects, KINDS, type Kind } from './effects.ts';

/**
 * The world outside, as a program of its own: it does what tools ask for and counts it. It misbehaves as real services
 * do: it answers 503 before it acts, acts and never answers, or acts and drops the connection. Which request suffers
 * what follows from the seed, the operation and how often it was asked for, so that a round can be repeated.
 */
const environment = process.env;
const effects = new Effects(environment['WORLD_DATABASE'] ?? ':memory:');
const seed = environment['WORLD_SEED'] ?? '0';
/** Of a hundred requests, how many go wrong. */
const badPercent = Number(environment['WORLD_BAD_PERCENT'] ?? '15');
/** Longer than the tools' time-out. */
const HANG_MS = 1_500;

type Mood = 'well' | 'unavailable' | 'hang' | 'drop';
const BAD: readonly Mood[] = ['unavailable', 'unavailable', 'drop', 'hang'];

/** Requests that have come and have not been decided. */
const undecided = new Set<Promise<void>>();
/** Longer than what lies in the kernel's buffers takes to be read. */
const SETTLE_MS = 25;

/** A request is treated badly at most twice, so that five attempts are always enough. */
function moodOf(kind: Kind, operation: string, request: number): Mood {
  const bytes = createHash('sha256').update(`${seed}/${kind}/${operation}/${request}`).digest();
  if (request > 2 || bytes.readUInt16BE(0) % 100 >= badPercent) return 'well';
  return BAD[bytes.readUInt8(2) % BAD.length] ?? 'well';
}

/** Acts or does not, at once; resolves with how the request is to be answered. */
async function decide(kind: Kind, request: IncomingMessage): Promise<{ readonly mood: Mood; readonly operation: string } | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // Whoever has gone may ask at once whether it happened, and the answer has to stay true: nothing is done for them any more.
  if (request.socket.destroyed) return undefined;
  const { operation } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { operation: string };
  const key = request.headers['idempotency-key'];
  const mood = moodOf(kind, operation, effects.request(kind, operation));
  if (mood !== 'unavailable') effects.act(kind, operation, typeof key === 'string' ? key : undefined);
  return { mood, operation };
}

async function take(kind: Kind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const deciding = decide(kind, request);
  const settled = deciding.then(() => undefined, () => undefined);
  undecided.add(settled);
  const decided = await deciding.finally(() => undecided.delete(settled));
  if (decided === undefined) return;
  if (decided.mood === 'unavailable') return send(response, 503, { detail: 'Try again.' });
  if (decided.mood === 'drop') {
    request.socket.destroy();
    return;
  }
  if (decided.mood === 'hang') await new Promise((resolve) => setTimeout(resolve, HANG_MS));
  send(response, 200, { operation: decided.operation });
}

/** What was done by everybody who asked before: the contract of a tool that reconciles by asking. */
async function tell(kind: Kind, operation: string, response: ServerResponse): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await Promise.all(undecided);
  send(response, 200, { effects: effects.effects(kind, operation) });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const server = createServer((request, response) => {
  const [, first, second, third] = (request.url ?? '/').split('/');
  const kind = KINDS.find((candidate) => candidate === (first === 'effects' ? second : first));
  if (request.method === 'GET' && first === 'audit') return send(response, 200, effects.audit());
  if (request.method === 'GET' && first === 'health') return send(response, 200, {});
  if (request.method === 'GET' && first === 'effects' && kind !== undefined) return void tell(kind, decodeURIComponent(third ?? ''), response);
  if (request.method !== 'POST' || kind === undefined) return send(response, 404, { detail: 'There is nothing here.' });
  take(kind, request, response).catch((error: unknown) => {
    console.error(error);
    send(response, 400, { detail: String(error) });
  });
});
server.listen(Number(environment['WORLD_PORT'] ?? '0'), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
