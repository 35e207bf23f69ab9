import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify, type FastifyInstance } from 'fastify';
import { isOfConsole, serveConsole } from './console.js';

describe('the console, as the gateway serves it', () => {
  let above: string;
  let folder: string;
  let server: FastifyInstance;

  beforeEach(async () => {
    above = await mkdtemp(join(tmpdir(), 'holdfast-console-'));
    folder = join(above, 'dist');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(above, 'outside.txt'), 'outside');
    await writeFile(join(folder, 'index.html'), '<!doctype html>the page');
    await writeFile(join(folder, 'index.html.br'), 'the page, in brotli');
    await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'plain');
    await writeFile(join(folder, 'assets', 'main-1a2b.js.br'), 'in brotli');
    await writeFile(join(folder, 'assets', 'main-1a2b.js.gz'), 'in gzip');
    server = fastify();
    await serveConsole(server, folder);
  });
  afterEach(async () => {
    await server.close();
    await rm(above, { recursive: true, force: true });
  });

  const get = (url: string, encodings = '') => server.inject({ method: 'GET', url, headers: { 'accept-encoding': encodings } });

  it.each([['br, gzip', 'br', 'in brotli'], ['gzip', 'gzip', 'in gzip'], ['', undefined, 'plain']])('gives files whose names carry their content for ever, as the browser takes them: %p', async (encodings, encoding, body) => {
    const answer = await get('/console/assets/main-1a2b.js', encodings);

    expect([answer.statusCode, answer.body, answer.headers['content-encoding']]).toEqual([200, body, encoding]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable', 'content-type': expect.stringContaining('javascript'), vary: 'accept-encoding' });
  });

  it.each(['/console/', '/console/index.html', '/console/runs', '/console/runs/r-1?status=failed', '/console/..%2foutside.txt', '/console/assets', '/console/%00'])('gives the page at %s, to be asked for again', async (url) => {
    const answer = await get(url);

    expect([answer.statusCode, answer.body, answer.headers['cache-control']]).toEqual([200, '<!doctype html>the page', 'no-cache']);
    expect(answer.headers['content-type']).toContain('text/html');
  });

  it('lets pages run scripts of this gateway and nothing else', async () => {
    const { headers } = await get('/console/');

    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
  });

  it('does not give the page for a script that is gone', async () => {
    const answer = await get('/console/assets/main-0000.js');

    expect([answer.statusCode, answer.json().code]).toEqual([404, 'route.unknown']);
  });

  it('leads to its first page', async () => {
    const answer = await get('/console');

    expect([answer.statusCode, answer.headers.location]).toEqual([308, '/console/']);
  });

  it('says so when it was not built', async () => {
    const empty = fastify();
    await serveConsole(empty, join(folder, 'nothing-here'));
    const answer = await empty.inject({ method: 'GET', url: '/console/runs' });
    await empty.close();

    expect([answer.statusCode, answer.json()]).toEqual([503, expect.objectContaining({ code: 'console.not-built', remedy: expect.stringContaining('npm run build') })]);
  });

  it('has addresses of its own and no others', () => {
    expect(['/console', '/console/', '/console/x?y', '/console?x'].map(isOfConsole)).toEqual([true, true, true, true]);
    expect(['/consoles', '/v1/runs', '/', '/consolex/', '//console/', '/v1/console/'].map(isOfConsole)).toEqual([false, false, false, false, false, false]);
  });
});
