import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, openMemory, type TestDatabase } from '../database.fixture.js';
import { guideline } from '../guidelines.fixture.js';
import { ToldLog } from '../readings/log.fixture.js';

describe('the outcome of a run', () => {
  const told = new ToldLog();
  let database: TestDatabase;
  let memory: Awaited<ReturnType<typeof openMemory>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    memory = await openMemory(database.url, undefined, told.log);
  });
  afterAll(async () => {
    await memory.close();
    await database.close();
  });

  const ingest = (runId: string) => memory.service.ingestOutcome({ tenant: 'acme', scope: 'outcomes', runId });
  const found = async (query: string) => (await memory.service.search({ tenant: 'acme', scopes: ['outcomes'], query, limit: 1 })).passages[0];

  it.each([
    ['trusted', { trust: 'organisation', secrecy: 'internal' }, { trust: 'model', secrecy: 'internal' }],
    ['outside', { trust: 'third-party', secrecy: 'secret' }, { trust: 'third-party', secrecy: 'secret' }],
    ['unknown', undefined, { trust: 'third-party', secrecy: 'secret' }],
  ] as const)('is worth what a model wrote after it had read: %s', async (runId, read, worth) => {
    await told.accept(runId);
    await told.end(runId, `The ${runId} freight was paid.`, read);

    expect(await ingest(runId)).toMatchObject({ documentId: `outcomes/${runId}`, unchanged: false });
    expect(await ingest(runId)).toMatchObject({ unchanged: true });
    expect(await found(`${runId} freight`)).toMatchObject({ ...worth, source: `urn:holdfast:run:${runId}`, author: `run ${runId}`, text: `Do it.\n\nThe ${runId} freight was paid.` });
  });

  it('is revoked with what the run had read', async () => {
    await memory.service.ingest({ tenant: 'acme', scope: 'web', document: guideline('blog', { source: 'https://evil.example/blog', trust: 'third-party' }) });
    const { passages } = await memory.service.search({ tenant: 'acme', scopes: ['web'], query: 'notes on blog', limit: 1 });
    await told.accept('misled');
    await told.read('misled', 'c1-1', passages);
    await told.end('misled', 'Misled tulips.', { trust: 'third-party', secrecy: 'internal' });
    await ingest('misled');
    const answer = await memory.service.revoke({ tenant: 'acme', origin: { source: 'https://evil.example/blog' }, by: 'ada', reason: 'planted' });

    expect(answer.derived).toEqual([expect.objectContaining({ documentId: 'outcomes/misled', runId: 'misled' })]);
    expect((await found('Misled tulips'))?.documentId).not.toBe('outcomes/misled');
  });

  it.each(['open', 'nobody'])('is not there for a run that has not ended with an answer: %s', async (runId) => {
    if (runId === 'open') await told.accept(runId);

    await expect(ingest(runId)).rejects.toMatchObject({ code: 'memory.no-outcome', retryable: false });
  });
});
