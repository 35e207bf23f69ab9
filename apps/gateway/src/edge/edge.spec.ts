import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@holdfast/observability';
import { FakeBus, KEYS, bearer, startGateway } from '../gateway.fixture.js';
import { PERMIT, key, newLog, payInvoice } from '../runs/run.fixture.js';

type Gateway = Awaited<ReturnType<typeof startGateway>>;

describe('the edge of the gateway', () => {
  let gateway: Gateway | undefined;
  afterEach(() => gateway?.stop());

  const start = async (environment: Readonly<Record<string, string>> = {}): Promise<Gateway> => (gateway = await startGateway(newLog(), new FakeBus(), environment));
  const get = ({ app }: Gateway, who: keyof typeof KEYS | undefined, headers: Readonly<Record<string, string>> = {}, url = '/v1/principal') => app.inject({ method: 'GET', url, headers: { ...(who === undefined ? {} : bearer(who)), ...headers } });

  it('turns away whoever asks too often, says when to come again, and leaves room for others of the tenant', async () => {
    const edge = await start({ HOLDFAST_RATE_PER_PRINCIPAL: '3', HOLDFAST_RATE_PER_TENANT: '5' });
    const answers = [await get(edge, 'viewer'), await get(edge, 'viewer'), await get(edge, 'viewer'), await get(edge, 'viewer')];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers['ratelimit-remaining'])).toEqual(['2', '1', '0', '0']);
    expect(answers[3]?.headers).toMatchObject({ 'content-type': expect.stringContaining('problem+json'), 'retry-after': expect.stringMatching(/^([1-9]|10)$/), 'ratelimit-limit': '3', 'ratelimit-policy': '3;w=10' });
    expect(answers[3]?.json()).toMatchObject({ code: 'request.rate-limited', retryable: true });
    // The tenant has had three of five.
    expect([(await get(edge, 'operator')).statusCode, (await get(edge, 'operator')).statusCode, (await get(edge, 'admin')).json().detail]).toEqual([200, 200, expect.stringContaining('"acme"')]);
    expect((await get(edge, 'stranger')).statusCode).toBe(200);
  });

  it('counts what assistants and other agents ask for like any request', async () => {
    const edge = await start({ HOLDFAST_RATE_PER_PRINCIPAL: '1' });
    await get(edge, 'viewer');
    for (const url of ['/mcp', '/a2a']) expect((await edge.app.inject({ method: 'POST', url, headers: { ...bearer('viewer'), 'content-type': 'application/json' }, payload: '{}' })).json().code).toBe('request.rate-limited');
    expect((await get(edge, 'viewer', {}, '/v1/stream')).json().code).toBe('request.rate-limited');
  });

  it('looks at no further key from an address that has sent too many wrong ones', async () => {
    const edge = await start({ HOLDFAST_FAILURES_PER_ADDRESS: '3', HOLDFAST_TRUSTED_PROXIES: '127.0.0.1' });
    const guess = (from: string) => get(edge, undefined, { authorization: 'Bearer guess', 'x-forwarded-for': from });
    const missing = await get(edge, undefined, { 'x-forwarded-for': '192.0.2.1' });
    const codes = [];
    for (const from of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8:0:0:3::', '2001:db8::4', '2001:db8:0:1::1']) codes.push((await guess(from)).json().code);
    expect(missing.json().code).toBe('auth.key-missing');
    expect(codes).toEqual(['auth.key-unknown', 'auth.key-unknown', 'auth.key-unknown', 'auth.too-many-failures', 'auth.key-unknown', 'auth.key-unknown', 'auth.key-unknown', 'auth.too-many-failures', 'auth.key-unknown']);
    expect((await get(edge, 'viewer', { 'x-forwarded-for': '192.0.2.1' })).headers['retry-after']).toEqual(expect.stringMatching(/^[1-9]/));
    expect((await get(edge, 'viewer', { 'x-forwarded-for': '192.0.2.9' })).statusCode).toBe(200);
  });

  it('believes nobody about an address unless the operator says whom', async () => {
    const edge = await start({ HOLDFAST_FAILURES_PER_ADDRESS: '1' });
    const codes = [];
    for (const from of ['192.0.2.1', '192.0.2.2']) codes.push((await get(edge, undefined, { authorization: 'Bearer guess', 'x-forwarded-for': from })).json().code);
    expect(codes).toEqual(['auth.key-unknown', 'auth.too-many-failures']);
  });

  it.each([
    ['127.0.0.1', undefined, 'evil.example', 421], ['127.0.0.1', undefined, 'localhost:8080', 200], ['127.0.0.1', undefined, '[::1]:8080', 200],
    ['127.0.0.1', 'holdfast.example', 'Holdfast.Example:443', 200], ['0.0.0.0', undefined, 'anything.example', 200], ['0.0.0.0', 'holdfast.example', 'anything.example', 421],
  ])('listening on %s, named %s, answers a request for "%s" with %d', async (host, hosts, asked, status) => {
    const edge = await start({ HOST: host, ...(hosts === undefined ? {} : { HOLDFAST_HOSTS: hosts }) });
    expect((await get(edge, 'viewer', { host: asked })).statusCode).toBe(status);
  });

  it('tells browsers to use TLS alone where the operator says so', async () => {
    expect((await get(await start(), 'viewer')).headers['strict-transport-security']).toBeUndefined();
    await gateway?.stop();
    expect((await get(await start({ HOLDFAST_HSTS_SECONDS: '31536000' }), undefined)).headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
  });

  it.each([
    ['GET / HTTP/1.1\r\nhost localhost\r\n\r\n', 400, 'request.malformed'],
    ['\u0016\u0003\u0001\u0002\u0000\u0001', 400, 'request.malformed'],
    [`GET /v1/runs HTTP/1.1\r\nhost: localhost\r\nx-much: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'request.headers-too-large'],
    ['POST /v1/tasks HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'request.malformed'],
  ])('refuses %j in the same form as anything else', async (bytes, status, code) => {
    const { app } = await start();
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as { port: number };
    const text = await new Promise<string>((resolve, reject) => {
      let heard = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
      socket.on('data', (part) => { heard += String(part); }).on('close', () => resolve(heard)).on('error', reject);
    });
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('application/problem+json');
    expect(text).toContain(`"code":"${code}"`);
  });

  it('writes no key, token or permit to its log, whatever goes wrong', async () => {
    const lines: string[] = [];
    const log = newLog();
    await payInvoice(log, key('run-1'));
    gateway = await startGateway(log, new FakeBus(), {}, createLogger({ service: 'gateway', level: 'trace', destination: { write: (line) => void lines.push(line) } }));
    const token = `${btoa('{"alg":"RS256"}')}.${btoa('{"iss":"https://x","sub":"jane"}')}.c2lnbmF0dXJl`;
    const { app } = gateway;
    for (const authorization of [...Object.values(KEYS).map((each) => `Bearer ${each.key}`), 'Bearer an-unknown-key-of-somebody', `Bearer ${token}`]) {
      for (const url of ['/v1/runs/run-1', '/v1/runs/run-1/events', '/v1/threads/t', `/v1/runs/${KEYS.admin.key}`, '/v1/nothing']) await app.inject({ method: 'GET', url, headers: { authorization } });
      for (const url of ['/v1/memory/documents', '/v1/tasks', '/mcp', '/a2a']) await app.inject({ method: 'POST', url, headers: { authorization, 'content-type': 'application/json' }, payload: JSON.stringify({ authorization, permit: PERMIT, type: 'invoice.received', goal: authorization }) });
    }
    const text = lines.join('\n');
    expect(lines.length).toBeGreaterThan(3);
    expect([...Object.values(KEYS).map((each) => each.key), 'an-unknown-key-of-somebody', token, PERMIT].filter((secret) => text.includes(secret))).toEqual([]);
  });
});
