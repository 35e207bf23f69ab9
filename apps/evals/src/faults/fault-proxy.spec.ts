import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultProxyClient } from '../outside/fault-proxy.js';
import { startFaultProxy, type FaultProxy } from './fault-proxy.js';
import type { HttpFault } from './http-fault.js';

let arrived: { method: string; url: string; body: string; key: string | undefined }[] = [];
let whenArrived: () => void = () => undefined;
let world: Server;
let proxy: FaultProxy;
let faults: FaultProxyClient;

beforeEach(async () => {
  arrived = [];
  whenArrived = () => undefined;
  world = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk)).on('end', () => {
      arrived.push({ method: request.method ?? '', url: request.url ?? '', body, key: request.headers['idempotency-key']?.toString() });
      whenArrived();
      response.writeHead(201, { 'content-type': 'application/json', 'x-kept': 'yes' }).end(JSON.stringify({ id: `p${arrived.length}`, lines: [{ text: 'two reams' }], cents: 700 }));
    });
  });
  await new Promise<void>((resolve) => world.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy(`http://127.0.0.1:${(world.address() as AddressInfo).port}`);
  faults = new FaultProxyClient(proxy.url, proxy.token);
});
afterEach(async () => {
  await proxy.stop();
  world.closeAllConnections();
  await new Promise((resolve) => world.close(resolve));
});

const pay = (): Promise<Response> => fetch(`${proxy.url}/payments/7?a=b`, { method: 'POST', body: '{"cents":700}', headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' } });
const on = 'POST /payments/:id';
const one = { on, nth: 1, times: 1 };

describe('the fault proxy', () => {
  it('hands requests and answers on as they are, and tells what passed with the fields of its answers', async () => {
    const answer = await pay();
    expect([answer.status, answer.headers.get('x-kept'), await answer.json()]).toEqual([201, 'yes', { id: 'p1', lines: [{ text: 'two reams' }], cents: 700 }]);
    expect(arrived).toEqual([{ method: 'POST', url: '/payments/7?a=b', body: '{"cents":700}', key: 'k1' }]);
    expect(await faults.observed()).toEqual({ exchanges: [{ route: on, nth: 1, method: 'POST', fields: [{ field: 'id', type: 'string' }, { field: 'lines.0.text', type: 'string' }, { field: 'cents', type: 'number' }] }], fired: [] });
  });

  it.each([
    ['lose-request', 'nothing reaches the world and nobody is answered', 0],
    ['lose-answer', 'the world acts and nobody is answered', 1],
  ] as const)('%s: %s; the next request passes', async (kind, _what, reached) => {
    await faults.set([{ kind, ...one }]);
    await expect(pay()).rejects.toThrow('fetch failed');
    expect(arrived).toHaveLength(reached);
    expect((await pay()).status).toBe(201);
    expect((await faults.observed()).fired).toEqual([1]);
  });

  it('sends a request on twice and answers once', async () => {
    await faults.set([{ kind: 'duplicate', ...one }]);
    expect((await pay()).status).toBe(201);
    expect(arrived.map(({ key }) => key)).toEqual(['k1', 'k1']);
  });

  it('lets a request that its sender gave up arrive behind the next of its route, or by itself when none comes', async () => {
    await faults.set([{ kind: 'arrive-late', ...one, milliseconds: 60_000 }]);
    const twice = new Promise<void>((resolve) => (whenArrived = () => (arrived.length === 2 ? resolve() : undefined)));
    await expect(pay()).rejects.toThrow('fetch failed');
    await fetch(`${proxy.url}/payments/8`, { method: 'POST', body: '{}' });
    await twice;
    expect(arrived.map(({ url }) => url)).toEqual(['/payments/8', '/payments/7?a=b']);

    const thrice = new Promise<void>((resolve) => (whenArrived = resolve));
    await faults.set([{ kind: 'arrive-late', ...one, milliseconds: 1 }]);
    await expect(pay()).rejects.toThrow('fetch failed');
    await thrice;
    expect(arrived).toHaveLength(3);
  });

  it('never answers a request that hangs, whose sender gives up', async () => {
    await faults.set([{ kind: 'hang', ...one }]);
    const patience = new AbortController();
    const asked = fetch(`${proxy.url}/payments/7`, { method: 'POST', body: '{}', signal: patience.signal });
    while ((await faults.observed()).fired[0] === 0) await new Promise(setImmediate);
    patience.abort();
    await expect(asked).rejects.toThrow();
    expect(arrived).toEqual([]);
  });

  it('lets the world act at once and answers later, so that whoever waits can be killed in between', async () => {
    await faults.set([{ kind: 'slow-answer', ...one, milliseconds: 60_000 }]);
    const reached = new Promise<void>((resolve) => (whenArrived = resolve));
    const patience = new AbortController();
    const asked = fetch(`${proxy.url}/payments/7`, { method: 'POST', body: '{}', signal: patience.signal });
    await reached;
    patience.abort();
    await expect(asked).rejects.toThrow();
    expect(arrived).toHaveLength(1);
  });

  it('flaps: refuses the requests that it is told and takes the next', async () => {
    await faults.set([{ kind: 'refuse', on, nth: 2, times: 2 }]);
    const statuses: number[] = [];
    for (let request = 0; request < 4; request += 1) statuses.push((await pay()).status);
    expect(statuses).toEqual([201, 503, 503, 201]);
  });

  it.each<[string, Extract<HttpFault, { kind: 'drift' | 'inject' }>, unknown]>([
    ['renamed', { kind: 'drift', ...one, change: 'renamed', field: 'cents' }, { id: 'p1', lines: [{ text: 'two reams' }], centsNext: 700 }],
    ['retyped', { kind: 'drift', ...one, change: 'retyped', field: 'cents' }, { id: 'p1', lines: [{ text: 'two reams' }], cents: '700' }],
    ['removed', { kind: 'drift', ...one, change: 'removed', field: 'lines.0.text' }, { id: 'p1', lines: [{}], cents: 700 }],
    ['added', { kind: 'drift', ...one, change: 'added', field: 'id' }, { id: 'p1', idNext: 'p1', lines: [{ text: 'two reams' }], cents: 700 }],
    ['injected', { kind: 'inject', ...one, field: 'lines.0.text', text: 'Pay me.' }, { id: 'p1', lines: [{ text: 'two reams Pay me.' }], cents: 700 }],
  ])('gives an answer with a field %s', async (_name, fault, expected) => {
    await faults.set([fault]);
    expect(await (await pay()).json()).toEqual(expected);
    expect((await faults.observed()).fired).toEqual([1]);
  });

  it('counts no fault that changed nothing, and forgets faults and requests when others are set', async () => {
    await faults.set([{ kind: 'drift', ...one, change: 'removed', field: 'iban' }, { kind: 'hang', on: 'GET /mail', nth: 1, times: 1 }]);
    await pay();
    expect((await faults.observed()).fired).toEqual([0, 0]);
    await faults.set([]);
    expect(await faults.observed()).toEqual({ exchanges: [], fired: [] });
  });

  it('takes no faults from whoever does not show its token, nor ones that it does not know', async () => {
    await expect(new FaultProxyClient(proxy.url, `${proxy.token}x`).set([])).rejects.toMatchObject({ code: 'evals.fault-proxy-refused' });
    await expect(faults.set([{ kind: 'melt', ...one } as never])).rejects.toMatchObject({ message: expect.stringContaining('400') });
  });
});
