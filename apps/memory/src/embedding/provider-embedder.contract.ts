import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import { guideline } from '../guidelines.fixture.js';
import { embedderOf } from './embedder-of.js';

const DIMENSIONS = 64;

/** A server that speaks like OpenAI: a text's vector has its letters' frequencies, so texts of the same words are near. */
describe('an embedder of a provider', () => {
  let server: Server;
  let url: string;
  let database: TestDatabase;
  let failures = 0;
  let length = DIMENSIONS;
  const asked: { readonly path: string; readonly key: string | undefined; readonly model: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); });
      request.on('end', () => {
        const { model, input } = JSON.parse(body) as { model: string; input: string | string[] };
        asked.push({ path: request.url ?? '', key: request.headers.authorization, model });
        if (failures > 0) {
          failures -= 1;
          response.writeHead(429, { 'retry-after-ms': '1' }).end('{"error":{"message":"slow down"}}');
          return;
        }
        const data = [input].flat().map((text, index) => ({ object: 'embedding', index, embedding: Array.from({ length }, (_, at) => 0.01 + [...text.toLowerCase()].filter((letter) => letter.charCodeAt(0) % DIMENSIONS === at).length) }));
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data, model, usage: { prompt_tokens: 1, total_tokens: 1 } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    database = await createTestDatabase();
  });
  beforeEach(() => {
    failures = 0;
    length = DIMENSIONS;
    asked.length = 0;
  });
  afterAll(async () => {
    await database.close();
    await new Promise((resolve) => server.close(resolve));
  });

  const compatible = (changes: object = {}) => embedderOf({ name: 'compatible/letters', url, key: 'secret-key', dimensions: DIMENSIONS, ...changes });

  it('asks the server by its address, model and key, and gives vectors of length 1', async () => {
    const [first, second] = await compatible().embed(['Pay the invoice.', 'Water the ferns.']);

    expect(asked).toEqual([{ path: '/v1/embeddings', key: 'Bearer secret-key', model: 'letters' }]);
    for (const vector of [first, second]) expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
  });

  it('tries again when the provider is busy, and says so when it stays busy', async () => {
    failures = 2;
    expect(await compatible().embed(['Pay.'])).toHaveLength(1);
    failures = 100;
    await expect(compatible().embed(['Pay.'])).rejects.toMatchObject({ code: 'memory.embedder-unavailable', retryable: true });
  });

  it('refuses vectors of another length than was set', async () => {
    length = 32;
    await expect(compatible().embed(['Pay.'])).rejects.toMatchObject({ code: 'memory.embedder-wrong', retryable: false, message: expect.stringContaining('vectors of 32') });
  });

  it.each([
    [{ name: 'nobody/model' }], [{ name: 'letters' }], [{ url: undefined }], [{ dimensions: undefined }],
  ])('is not made of a choice that cannot be one: %j', (choice) => {
    expect(() => compatible(choice)).toThrow(expect.objectContaining({ code: 'settings.invalid' }));
  });

  it('fits an empty memory to the length of its vectors, and no memory that holds those of another', async () => {
    const own = await openMemory(database.url, compatible());
    await own.service.ingest({ tenant: 'acme', scope: 'guidelines', document: guideline('late-delivery') });
    const [recorded]: readonly object[] = await database.owner.query('SELECT name, dimensions FROM memory_embedder');
    const found = await own.service.search({ tenant: 'acme', scopes: ['guidelines'], query: 'late goods', limit: 1 });
    const other = await openMemory(database.url, compatible({ dimensions: 32 }));
    length = 32;

    expect(recorded).toEqual({ name: 'compatible/letters@64', dimensions: 64 });
    expect(found.passages[0]?.documentId).toBe('late-delivery');
    await expect(other.service.ingest({ tenant: 'acme', scope: 'guidelines', document: guideline('bank-details') })).rejects.toMatchObject({ code: 'memory.embedder-changed' });
    await own.service.forget({ tenant: 'acme', scope: 'guidelines', documents: 'all' });
    expect(await other.service.ingest({ tenant: 'acme', scope: 'guidelines', document: guideline('bank-details') })).toMatchObject({ unchanged: false });
    await Promise.all([own.close(), other.close()]);
  });
});
