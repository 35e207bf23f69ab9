import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { kill } from 'node:process';
import { Effects, KINDS, type Kind } from '../../faults/world/effects.ts';

/**
 * The service whose effects are counted, as a program with a database of its own. It can be told to kill whoever sends it
 * a certain operation, the moment that the request has come or the moment that it has acted: these two moments only the
 * called side knows. A worker says its process id in a header that the preload adds.
 */
interface Trap {
  readonly moment: 'request-sent' | 'after-effect';
  readonly actsForTheDead: boolean;
}

const environment = process.env;
const effects = new Effects(environment['SERVICE_DATABASE'] ?? ':memory:');
const traps = new Map<string, Trap>();
const sprung = new Set<string>();
/** Longer than the kernel takes to hand over what a process wrote before it died. */
const SETTLE_MS = 25;
const undecided = new Set<Promise<unknown>>();

/** Kills the sender where a trap for the operation asks for it at this moment; true when it did. */
function spring(moment: Trap['moment'], operation: string, request: IncomingMessage): Trap | undefined {
  const trap = traps.get(operation);
  if (trap?.moment !== moment) return undefined;
  traps.delete(operation);
  kill(Number(request.headers['x-worker-process']), 'SIGKILL');
  sprung.add(operation);
  return trap;
}

async function act(kind: Kind, request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { operation } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { operation: string };
  const key = request.headers['idempotency-key'];
  effects.request(kind, operation);
  const trap = spring('request-sent', operation, request);
  if (trap !== undefined && !trap.actsForTheDead) return undefined;
  effects.act(kind, operation, typeof key === 'string' ? key : undefined);
  spring('after-effect', operation, request);
  return operation;
}

async function take(kind: Kind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const acting = act(kind, request);
  undecided.add(acting);
  const operation = await acting.finally(() => undecided.delete(acting));
  if (operation !== undefined) send(response, 200, { operation });
}

/** What was done by everybody who asked before, as a tool that reconciles needs it. A look itself can be a trap as well. */
async function tell(kind: Kind, operation: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (kind === 'records') {
    spring('request-sent', operation, request);
    spring('after-effect', operation, request);
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  await Promise.allSettled(undecided);
  send(response, 200, { effects: effects.effects(kind, operation) });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function arm(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { operation, ...trap } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Trap & { operation: string };
  traps.set(operation, trap);
  send(response, 200, {});
}

const server = createServer((request, response) => {
  const [, first, second, third] = (request.url ?? '/').split('/');
  const kind = KINDS.find((candidate) => candidate === (first === 'effects' ? second : first));
  const fail = (error: unknown): void => {
    console.error(error);
    send(response, 400, { detail: String(error) });
  };
  if (request.method === 'GET' && first === 'audit') return send(response, 200, effects.audit());
  if (request.method === 'GET' && first === 'health') return send(response, 200, {});
  if (request.method === 'GET' && first === 'sprung') return send(response, 200, { sprung: sprung.has(decodeURIComponent(second ?? '')) });
  if (request.method === 'GET' && first === 'effects' && kind !== undefined) return void tell(kind, decodeURIComponent(third ?? ''), request, response).catch(fail);
  if (request.method === 'POST' && first === 'traps') return void arm(request, response).catch(fail);
  if (request.method !== 'POST' || kind === undefined) return send(response, 404, { detail: 'There is nothing here.' });
  take(kind, request, response).catch(fail);
});
server.listen(Number(environment['SERVICE_PORT'] ?? '0'), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
