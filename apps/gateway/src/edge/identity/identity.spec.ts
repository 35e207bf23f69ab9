import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeBus, bearer, startGateway } from '../../gateway.fixture.js';
import { key, newLog, payInvoice } from '../../runs/run.fixture.js';
import { TestIssuer } from './issuer.fixture.js';

describe('the HTTP API with an issuer of tokens', () => {
  let directory: string;
  let issuer: TestIssuer;
  let gateway: Awaited<ReturnType<typeof startGateway>>;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-identity-'));
    issuer = await TestIssuer.start();
    await writeFile(join(directory, 'issuers.json'), JSON.stringify([issuer.entry({ tenant: { claim: 'org' } })]));
  });
  afterAll(async () => {
    await issuer.stop();
    await rm(directory, { recursive: true });
  });
  beforeEach(async () => {
    issuer.isAway = false;
    const log = newLog();
    await payInvoice(log, key('run-1'));
    gateway = await startGateway(log, new FakeBus(), { HOLDFAST_ISSUERS_FILE: join(directory, 'issuers.json') });
  });
  afterEach(() => gateway.stop());

  const ask = (method: 'GET' | 'POST', url: string, token: string, payload?: object) => gateway.app.inject({ method, url, headers: { authorization: `Bearer ${token}` }, ...(payload === undefined ? {} : { payload }) });

  it('lets a person in beside keys, and records them under their issuer', async () => {
    const jane = await issuer.token({ org: 'acme' });
    const started = await ask('POST', '/v1/tasks', jane, { type: 'invoice.received', goal: 'Pay invoice 9.', input: {}, id: 'inv-9', source: '/invoices' });
    const withKey = await gateway.app.inject({ method: 'GET', url: '/v1/runs/run-1', headers: bearer('viewer') });

    expect([(await ask('GET', '/v1/runs/run-1', jane)).statusCode, started.statusCode, withKey.statusCode]).toEqual([200, 202, 200]);
    expect(gateway.bus.published[0]?.body).toMatchObject({ requester: 'corp:jane' });
  });

  it('shows nobody another tenant, and lets nobody do what their role does not', async () => {
    const [stranger, approver] = [await issuer.token({ org: 'globex' }), await issuer.token({ org: 'acme', groups: ['holdfast-approvers'] })];

    expect((await ask('GET', '/v1/runs/run-1', stranger)).json()).toMatchObject({ status: 404, code: 'run.unknown' });
    expect((await ask('POST', '/v1/runs/run-1/cancel', approver, { reason: 'enough' })).json()).toMatchObject({ status: 403, code: 'auth.role-missing' });
  });

  it('says what is wrong with a token, whether to try again, and how to authenticate', async () => {
    const expired = await ask('GET', '/v1/runs', await issuer.token({ org: 'acme' }, { lasts: '-1s' }));
    const unprivileged = await ask('GET', '/v1/runs', await issuer.token({ org: 'acme', groups: ['everyone'] }));
    const unknown = await ask('GET', '/v1/runs', 'no-token');

    expect([expired, unprivileged, unknown].map((answer) => [answer.statusCode, answer.json().code, answer.headers['www-authenticate']])).toEqual([[401, 'auth.token-invalid', 'Bearer realm="holdfast"'], [403, 'auth.nothing-granted', undefined], [401, 'auth.key-unknown', 'Bearer realm="holdfast"']]);
  });

  it('asks to come again when the issuer is away', async () => {
    issuer.isAway = true;
    const answer = await ask('GET', '/v1/runs', await issuer.token({ org: 'acme' }));

    expect([answer.statusCode, answer.json(), answer.headers['retry-after']]).toEqual([503, expect.objectContaining({ code: 'auth.issuer-unavailable', retryable: true }), '1']);
  });

  it('ends a live stream with the token that opened it', async () => {
    const answer = await ask('GET', '/v1/stream', await issuer.token({ org: 'acme' }, { lasts: '2s' }));

    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});
