import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { changed, fieldsOf } from './answers.js';
import { httpFault, routeOf, type Exchange, type HttpFault } from './http-fault.js';

const CONTROL = '/__holdfast/faults';
const MOST_BYTES = 16_000_000;
const profile = z.strictObject({ faults: z.array(httpFault).max(100) });

export interface FaultProxy {
  /** Where tools find the world. */
  readonly url: string;
  /** Shown as `Authorization: Bearer <token>` by whoever sets faults. */
  readonly token: string;
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/**
 * Stands between tools and a world that speaks HTTP, on 127.0.0.1, and does to requests and answers what it is told:
 * `PUT /__holdfast/faults` replaces all faults and forgets what it saw; `GET` there tells what passed and which faults
 * met something. A fault is counted when it does its work, so one that met nothing can be told from one that did no harm.
 */
export async function startFaultProxy(world: string): Promise<FaultProxy> {
  const token = randomBytes(24).toString('base64url');
  const stopping = new AbortController();
  let faults: readonly { readonly fault: HttpFault; fired: number }[] = [];
  let seen: Exchange[] = [];
  /** Emits the route of each request that was answered. */
  const answered = new EventEmitter().setMaxListeners(0);

  const forward = async (request: IncomingMessage, body: Buffer): Promise<Reply> => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) if (value !== undefined && !HOP_BY_HOP.has(name)) headers.set(name, String(value));
    const answer = await fetch(new URL(request.url ?? '/', world), { method: request.method ?? 'GET', headers, redirect: 'manual', signal: stopping.signal, ...(body.length === 0 ? {} : { body: new Uint8Array(body) }) });
    return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    if (request.url === CONTROL) return control(request, response, body);
    const route = routeOf(request.method ?? 'GET', request.url ?? '/');
    const nth = seen.filter((each) => each.route === route).length + 1;
    const place = seen.push({ route, nth, method: request.method ?? 'GET', fields: [] }) - 1;
    const profileThen = seen;
    const met = faults.filter(({ fault }) => fault.on === route && nth >= fault.nth && nth < fault.nth + fault.times);
    for (const each of met) if (!('field' in each.fault)) each.fired += 1;
    const has = (kind: HttpFault['kind']): HttpFault | undefined => met.find(({ fault }) => fault.kind === kind)?.fault;

    if (has('hang')) return;
    if (has('lose-request')) return cut(request);
    if (has('refuse')) return void response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '0' }).end(JSON.stringify({ title: 'The service is busy', status: 503 }));
    const late = has('arrive-late');
    if (late?.kind === 'arrive-late') {
      cut(request);
      await once(answered, route, { signal: AbortSignal.any([AbortSignal.timeout(late.milliseconds), stopping.signal]) }).catch(() => stopping.signal.throwIfAborted());
      return void (await forward(request, body));
    }
    const slow = has('slow');
    if (slow?.kind === 'slow') await sleep(slow.milliseconds, undefined, { signal: stopping.signal });
    const [reply] = await Promise.all([forward(request, body), ...(has('duplicate') ? [forward(request, body)] : [])]);
    if (has('lose-answer')) return cut(request);
    const slowAnswer = has('slow-answer');
    if (slowAnswer?.kind === 'slow-answer') await sleep(slowAnswer.milliseconds, undefined, { signal: stopping.signal });
    const { body: told, fields } = altered(reply, met);
    profileThen[place] = { ...(profileThen[place] as Exchange), fields };
    response.writeHead(reply.status, [...reply.headers].filter(([name]) => !HOP_BY_HOP.has(name)).flat()).end(told, () => answered.emit(route));
  };

  const control = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    const shown = request.headers.authorization ?? '';
    if (!timingSafeEqual(digestOf(shown), digestOf(`Bearer ${token}`))) return void response.writeHead(401).end();
    if (request.method === 'PUT') {
      const parsed = profile.safeParse(jsonOf(body));
      if (!parsed.success) return void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ message: parsed.error.message }));
      faults = parsed.data.faults.map((fault) => ({ fault, fired: 0 }));
      seen = [];
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ exchanges: seen, fired: faults.map(({ fired }) => fired) }));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => cut(request));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    stop: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What belongs to one connection (RFC 9110, section 7.6.1), and what `fetch` sets or undoes itself. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host', 'content-length', 'content-encoding', 'expect']);

/** The answer with what faults change in it, and the fields that it had before. */
function altered(reply: Reply, met: readonly { readonly fault: HttpFault; fired: number }[]): { readonly body: Buffer; readonly fields: Exchange['fields'] } {
  const value = reply.headers.get('content-type')?.includes('json') === true ? jsonOf(reply.body) : undefined;
  if (value === undefined) return { body: reply.body, fields: [] };
  let told: unknown = value;
  for (const each of met) {
    if (each.fault.kind !== 'drift' && each.fault.kind !== 'inject') continue;
    const next = changed(told, each.fault);
    if (JSON.stringify(next) !== JSON.stringify(told)) each.fired += 1;
    told = next;
  }
  return { body: Buffer.from(JSON.stringify(told)), fields: fieldsOf(value) };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new RangeError(`a request has more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function cut(request: IncomingMessage): void {
  request.socket.destroy();
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
