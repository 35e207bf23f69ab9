import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLog, type CallContext } from '../tools/call-context.js';
import { ToolError } from '../tools/tool-error.js';
import { callHttp, type HttpRequest } from './call-http.js';
import { classifyFailure } from './classify.js';
import { readRetryAfter } from './retry-after.js';

let server: Server;
let origin: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { readonly method: string | undefined; readonly headers: IncomingMessage['headers']; readonly body: string }[];

beforeEach(async () => {
  seen = [];
  answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => {
      seen.push({ method: request.method, headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

const key = 'f'.repeat(64);
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function contextOf(change: Partial<CallContext> = {}): CallContext {
  return { operationKey: key, signal: new AbortController().signal, deadline: Number.MAX_SAFE_INTEGER, attempt: 1, tenant: 'acme', runId: 'run-1', callId: 'c1-1', traceHeaders: { traceparent, tracestate: 'a=b' }, log: silentLog, ...change };
}

async function errorOf(request: Partial<HttpRequest> = {}, context = contextOf()): Promise<ToolError> {
  const outcome = await callHttp(context, { method: 'POST', url: `${origin}/payments?secret=1`, body: { amount: 1 }, idempotencyKey: true, ...request }).catch((error: unknown) => error);
  if (!(outcome instanceof ToolError)) throw new Error(`no ToolError but ${JSON.stringify(outcome)}`);
  return outcome;
}

describe('callHttp', () => {
  it.each([
    { name: 'the attempt', timeoutMs: undefined, sent: '2500m' },
    { name: 'the request, where that is less', timeoutMs: 700, sent: '700m' },
  ])('tells the service how much time is left to $name', async ({ timeoutMs, sent }) => {
    await callHttp(contextOf({ deadline: 12_500 }), { method: 'GET', url: origin, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, { fetch: globalThis.fetch, now: () => 10_000 });

    expect(seen[0]?.headers['grpc-timeout']).toBe(sent);
  });

  it('sends JSON with the operation key and the trace headers, and returns the parsed answer', async () => {
    const given = await callHttp(contextOf(), { method: 'POST', url: `${origin}/payments`, body: { amount: 1 }, idempotencyKey: true });

    expect(given).toMatchObject({ status: 200, body: { ok: true } });
    expect(seen).toMatchObject([{ method: 'POST', body: '{"amount":1}', headers: { 'idempotency-key': key, traceparent, tracestate: 'a=b', 'content-type': 'application/json' } }]);
  });

  it('sends no Idempotency-Key unless asked to', async () => {
    await callHttp(contextOf(), { method: 'GET', url: origin });

    expect(seen[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  it.each([
    { status: 503, headers: { 'retry-after': '2' }, kind: 'not-done', retryAfterMs: 2_000 },
    { status: 429, headers: { 'retry-after': '1' }, kind: 'not-done', retryAfterMs: 1_000 },
    { status: 429, headers: {}, kind: 'not-done' },
    { status: 503, headers: {}, kind: 'unknown' },
    { status: 500, headers: {}, kind: 'unknown' },
    { status: 504, headers: {}, kind: 'unknown' },
    { status: 409, headers: { 'retry-after': '1' }, kind: 'unknown', retryAfterMs: 1_000 },
    { status: 422, headers: {}, kind: 'refused' },
    { status: 404, headers: {}, kind: 'refused' },
    { status: 302, headers: { location: '/elsewhere' }, kind: 'refused' },
  ])('takes $status for $kind', async ({ status, headers, kind, retryAfterMs }) => {
    answer = (_request, response) => response.writeHead(status, headers).end();
    const error = await errorOf();

    expect({ kind: error.kind, retryAfterMs: error.retryAfterMs }).toEqual({ kind, retryAfterMs });
    expect(seen).toHaveLength(1);
  });

  it('takes 409 for a refusal where no key was sent, since then nothing says that anything is in progress', async () => {
    answer = (_request, response) => response.writeHead(409).end();

    expect(await errorOf({ idempotencyKey: false })).toMatchObject({ kind: 'refused', code: 'http.refused' });
  });

  it('says what a problem document says, and keeps the query out of it', async () => {
    answer = (_request, response) => response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ title: 'No such order', status: 404 }));
    const { message } = await errorOf();

    expect(message).toContain('404: No such order');
    expect(message).not.toContain('secret');
  });

  it('knows that nothing was sent where nobody listens', async () => {
    const port = (server.address() as AddressInfo).port;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    const error = await errorOf({ url: `http://127.0.0.1:${port}/` });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

    expect(error).toMatchObject({ kind: 'not-done', code: 'http.unreachable' });
  });

  it('knows nothing when the connection breaks after the request was read', async () => {
    answer = (request) => request.socket.destroy();

    expect(await errorOf()).toMatchObject({ kind: 'unknown', code: 'http.unanswered' });
  });

  it('knows nothing when the answer breaks off', async () => {
    answer = (request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"ok":', () => request.socket.destroy());
    };

    expect((await errorOf()).kind).toBe('unknown');
  });

  it('knows nothing when the answer does not come in time', async () => {
    answer = () => undefined;

    expect(await errorOf({ timeoutMs: 30 })).toMatchObject({ kind: 'unknown', code: 'http.unanswered' });
  });

  it('stops with the attempt, and sends nothing after it', async () => {
    const attempt = new AbortController();
    answer = () => attempt.abort();

    expect((await errorOf({}, contextOf({ signal: attempt.signal }))).kind).toBe('unknown');
    expect((await errorOf({}, contextOf({ signal: attempt.signal }))).kind).toBe('not-done');
    expect(seen).toHaveLength(1);
  });

  it('reports success without a usable result when the answer is too large to keep', async () => {
    answer = (_request, response) => response.writeHead(201).end('x'.repeat(1024 * 1024 + 1));

    expect(await errorOf()).toMatchObject({ kind: 'done', code: 'tool.result-too-large' });
  });

  it('refuses to send an Idempotency-Key that does not exist', async () => {
    expect((await errorOf({}, contextOf({ operationKey: undefined }))).code).toBe('tool.no-operation-key');
    expect(seen).toEqual([]);
  });
});

describe('a failed fetch', () => {
  const sent = { method: 'POST', url: 'http://company.invalid/', keyed: true };
  const failing = (code: string): Error => Object.assign(new Error(code), { code });

  it.each([
    { code: 'ENOTFOUND', kind: 'not-done' },
    { code: 'UND_ERR_CONNECT_TIMEOUT', kind: 'not-done' },
    { code: 'ECONNRESET', kind: 'unknown' },
    { code: 'UND_ERR_HEADERS_TIMEOUT', kind: 'unknown' },
    { code: 'EPIPE', kind: 'unknown' },
  ])('with $code is $kind', ({ code, kind }) => {
    expect(classifyFailure(new TypeError('fetch failed', { cause: failing(code) }), sent).kind).toBe(kind);
  });

  it('over several addresses is not done only when none of them got further', () => {
    const tried = (...codes: string[]): unknown => new TypeError('fetch failed', { cause: new AggregateError(codes.map(failing)) });

    expect(classifyFailure(tried('ECONNREFUSED', 'EHOSTUNREACH'), sent).kind).toBe('not-done');
    expect(classifyFailure(tried('ECONNREFUSED', 'ECONNRESET'), sent).kind).toBe('unknown');
  });
});

describe('readRetryAfter', () => {
  it.each([
    { value: '3', milliseconds: 3_000 },
    { value: 'Thu, 01 Jan 1970 00:00:05 GMT', milliseconds: 4_000 },
    { value: 'Thu, 01 Jan 1970 00:00:00 GMT', milliseconds: 0 },
    { value: 'soon', milliseconds: undefined },
    { value: null, milliseconds: undefined },
  ])('reads $value as $milliseconds ms', ({ value, milliseconds }) => {
    expect(readRetryAfter(value, 1_000)).toBe(milliseconds);
  });
});
