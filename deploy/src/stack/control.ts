import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError } from '@holdfast/contracts';
import type { InstanceName } from './services.js';
import type { Stack } from './stack.js';

/** What the control server needs of a stack. */
export type ControlledStack = Pick<Stack, 'kill' | 'start' | 'services' | 'broker'>;

type ProcessName = InstanceName | 'broker';

/** One process as `GET /processes` tells it; `pid` is absent while it does not run. */
export interface ControlledProcess {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
}

export interface Control {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Made anew for each server; sent as `Authorization: Bearer <token>` (RFC 6750). */
  readonly token: string;
  /** Takes no more requests and resolves when those in hand are answered. */
  stop(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;
const MAXIMUM_CONNECTIONS = 32;
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  'control.token-refused': 401,
  'control.process-unknown': 404,
  'control.route-unknown': 404,
  'control.body-unexpected': 400,
  'process.already_running': 409,
};

/**
 * Lets another process on this machine kill and start the processes of a stack, for failure injection:
 * - `GET /processes` answers `{ processes: ControlledProcess[] }`;
 * - `POST /processes/<name>/kill` sends SIGKILL and answers when the process is gone; killing one that is gone already
 *   changes nothing;
 * - `POST /processes/<name>/start` answers when the process is ready; 409 `process.already_running` when it runs.
 *
 * It listens on 127.0.0.1 only and takes no bodies. Requests about one process are served one after another. Errors are
 * `{ code, message, retryable, remedy }` with status 400, 401, 404, 409, or 503 when a process did not come up.
 */
export async function startControl(stack: ControlledStack): Promise<Control> {
  const token = randomBytes(24).toString('base64url');
  const expected = digestOf(`Bearer ${token}`);
  const turns = new Map<ProcessName, Promise<unknown>>();
  const inTurn = <T>(name: ProcessName, action: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(name) ?? Promise.resolve()).then(action);
    turns.set(name, turn.catch(() => undefined));
    return turn;
  };
  const answer = async (request: IncomingMessage): Promise<unknown> => {
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), expected)) throw problem('control.token-refused', 'The request carries no token of this server.', 'Send "Authorization: Bearer <token>" with the token that the server was started with.');
    if (request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0) throw problem('control.body-unexpected', 'Requests to the control server have no body.', 'Leave the body out.');
    const path = request.url ?? '/';
    if (request.method === 'GET' && path === '/processes') return { processes: listProcesses(stack) };
    const [, given, action] = /^\/processes\/([a-z0-9-]{1,32})\/(kill|start)$/.exec(path) ?? [];
    if (request.method !== 'POST' || given === undefined) throw problem('control.route-unknown', 'There is nothing at this address.', 'Use GET /processes, POST /processes/<name>/kill or POST /processes/<name>/start.');
    const known = namesOf(stack);
    const name = known.find((each) => each === given);
    if (name === undefined) throw problem('control.process-unknown', `This stack has no process "${given}" that can be controlled.`, `Use one of: ${known.join(', ')}.`);
    await inTurn(name, () => (action === 'kill' ? stack.kill(name) : start(stack, name)));
    return describe(stack, name);
  };
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8_192 }, (request, response) => {
    answer(request).then((body) => send(response, 200, body), (error: unknown) => send(response, ...refusalOf(error)));
  });
  server.maxConnections = MAXIMUM_CONNECTIONS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}

/** The broker's own `restart` would stop a running broker first, so that it is refused here like any other process. */
async function start(stack: ControlledStack, name: ProcessName): Promise<void> {
  if (name === 'broker' && stack.broker?.pid !== undefined) {
    throw new HoldfastError({ code: 'process.already_running', message: 'broker is running already.', retryable: false, remedy: 'Kill it first.' });
  }
  await stack.start(name);
}

/** A broker that is somebody else's cannot be killed by us. */
function namesOf(stack: ControlledStack): readonly ProcessName[] {
  return [...(stack.broker === undefined ? [] : (['broker'] as const)), ...(Object.keys(stack.services) as InstanceName[])];
}

function listProcesses(stack: ControlledStack): readonly ControlledProcess[] {
  return namesOf(stack).map((name) => describe(stack, name));
}

function describe(stack: ControlledStack, name: ProcessName): ControlledProcess {
  const pid = name === 'broker' ? stack.broker?.pid : stack.services[name]?.pid;
  const state = name === 'broker' ? (pid === undefined ? 'stopped' : 'ready') : (stack.services[name]?.state ?? 'stopped');
  return { name, state, ...(pid === undefined ? {} : { pid }) };
}

/** Digests are compared, so that neither the content nor the length of the token shows in the time it takes. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function problem(code: string, message: string, remedy: string): HoldfastError {
  return new HoldfastError({ code, message, retryable: false, remedy });
}

function refusalOf(error: unknown): [status: number, body: unknown] {
  const shown = error instanceof HoldfastError ? error : new HoldfastError({ code: 'control.failed', message: error instanceof Error ? error.message : String(error), retryable: true, remedy: 'Look at the log of the process.' });
  return [STATUS_BY_CODE[shown.code] ?? 503, shown.toJSON()];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}), ...(status >= 400 ? { connection: 'close' } : {}) }).end(JSON.stringify(body));
}
