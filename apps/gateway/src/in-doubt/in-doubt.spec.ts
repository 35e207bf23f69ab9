import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InMemoryEventLog } from '@holdfast/event-log';
import type { RunEvent } from '@holdfast/contracts';
import { askAs, startGateway, type FakeBus } from '../gateway.fixture.js';
import { accepted, append, called, decided, judged, key, newLog } from '../runs/run.fixture.js';

const OPERATION = '7'.repeat(64);
const transfer = { account: 'DE02100100100006820101', amount: 1200 };

const inDoubt = (operationKey?: string): readonly RunEvent[] => [
  { type: 'tool-returned', callId: 'c1-1', tool: 'wire', outcome: { status: 'in-doubt', attempts: [], failure: { code: 'tool.in-doubt', message: 'A worker was lost after it had claimed the operation.', retryable: false, remedy: 'Look.' }, ...(operationKey === undefined ? {} : { operationKey }) } },
  { type: 'approval-requested', approvalId: 'doubt-c1-1', callId: 'c1-1', tool: 'wire', arguments: transfer, reasons: ['in doubt'], expiresAt: Number.MAX_SAFE_INTEGER },
];

async function doubtedRun(log: InMemoryEventLog, run: string, operationKey?: string, tenant = 'acme'): Promise<void> {
  await append(log, key(run, tenant), 'plan', [accepted()]);
  await append(log, key(run, tenant), 'call.default', [decided(1, [{ tool: 'wire', arguments: transfer }]), judged('c1-1', 'wire', 'allow', 'fine'), called('c1-1', 'wire', transfer)]);
  await append(log, key(run, tenant), 'wait', inDoubt(operationKey));
}

describe('operations in doubt', () => {
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    const log = newLog();
    await doubtedRun(log, 'run-1', OPERATION);
    await doubtedRun(log, 'run-2', OPERATION);
    await doubtedRun(log, 'run-old');
    await doubtedRun(log, 'run-foreign', '8'.repeat(64), 'globex');
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const ask = (method: 'GET' | 'POST', url: string, who: Parameters<typeof askAs>[3], payload?: unknown): ReturnType<typeof askAs> => askAs(app, method, url, who, payload);

  it('are listed once each, with every run that waits and without other tenants\'', async () => {
    const { body } = await ask('GET', '/v1/in-doubt', 'viewer');
    expect(body.more).toBe(false);
    expect(body.operations).toEqual(expect.arrayContaining([
      expect.objectContaining({ operation: OPERATION, tool: 'wire', arguments: transfer, reason: expect.stringContaining('worker was lost'), calls: expect.arrayContaining([expect.objectContaining({ runId: 'run-1' }), expect.objectContaining({ runId: 'run-2', callId: 'c1-1' })]) }),
      expect.objectContaining({ operation: 'run-old:c1-1', calls: [expect.objectContaining({ runId: 'run-old' })] }),
    ]));
    expect(body.operations).toHaveLength(2);
  });

  it('are no matter of approval: they are not in that list, and an answer there is refused with the way to here', async () => {
    expect((await ask('GET', '/v1/approvals', 'viewer')).body.approvals).toEqual([]);
    const { status, body } = await ask('POST', '/v1/runs/run-1/approvals/doubt-c1-1', 'approver', { answer: 'approved' });
    expect({ status, code: body.code, remedy: body.remedy }).toEqual({ status: 409, code: 'approval.is-doubt', remedy: expect.stringContaining('/v1/in-doubt') });
  });

  it('that were tried again and are in doubt once more are still no matter of approval', async () => {
    const again = newLog();
    await doubtedRun(again, 'run-1', OPERATION);
    const resolved = { type: 'doubt-resolved', approvalId: 'doubt-c1-1', callId: 'c1-1', tool: 'wire', adapter: 'default', effect: 'keyed', arguments: transfer, resolution: 'happened', result: 'none', by: 'ada', comment: '' } as const;
    await append(again, key('run-1'), 'call.default', [resolved]);
    await append(again, key('run-1'), 'wait', inDoubt(OPERATION).map((event) => (event.type === 'approval-requested' ? { ...event, approvalId: 'doubt2-c1-1' } : event)));
    await stop();
    ({ app, bus, stop } = await startGateway(again));

    expect((await ask('GET', '/v1/approvals', 'viewer')).body.approvals).toEqual([]);
    expect((await ask('POST', '/v1/runs/run-1/approvals/doubt2-c1-1', 'approver', { answer: 'approved' })).body.code).toBe('approval.is-doubt');
    await ask('POST', `/v1/in-doubt/${OPERATION}`, 'approver', { resolution: 'did-not-happen' });
    expect(bus.published.map(({ body }) => body)).toEqual([expect.objectContaining({ kind: 'resolution', approvalId: 'doubt2-c1-1' })]);
  });

  it.each([
    [{ resolution: 'happened', result: { transferId: 't-1' } }],
    [{ resolution: 'did-not-happen', comment: 'not on the statement' }],
    [{ resolution: 'retry' }],
  ] as const)('take the word %j, told to every run that waits, and once however often it is said', async (word) => {
    const first = await ask('POST', `/v1/in-doubt/${OPERATION}`, 'approver', word);
    const again = await ask('POST', `/v1/in-doubt/${OPERATION}`, 'approver', word);

    expect(first.status).toBe(202);
    expect(first.body.facts.map(({ runId, duplicate }: { runId: string; duplicate: boolean }) => [runId, duplicate]).sort()).toEqual([['run-1', false], ['run-2', false]]);
    expect(again.body.facts.every(({ duplicate }: { duplicate: boolean }) => duplicate)).toBe(true);
    expect(bus.published).toHaveLength(2);
    expect(bus.published[0]).toMatchObject({ subject: expect.stringMatching(/^inbox\.\d\.acme\.run-[12]\.resolution$/), body: { kind: 'resolution', callId: 'c1-1', by: 'ada', comment: '', ...word } });
  });

  it('of earlier releases are found by run and call', async () => {
    const { status, body } = await ask('POST', '/v1/in-doubt/run-old:c1-1', 'approver', { resolution: 'did-not-happen' });
    expect({ status, runs: body.facts.map(({ runId }: { runId: string }) => runId) }).toEqual({ status: 202, runs: ['run-old'] });
  });

  it.each([
    ['a result that is none', OPERATION, 'approver', { resolution: 'happened' }, 400, 'request.invalid'],
    ['a word that does not exist', OPERATION, 'approver', { resolution: 'perhaps' }, 400, 'request.invalid'],
    ['an operation that nobody waits for', '9'.repeat(64), 'approver', { resolution: 'retry' }, 404, 'operation.not-in-doubt'],
    ['another tenant\'s operation', '8'.repeat(64), 'approver', { resolution: 'retry' }, 404, 'operation.not-in-doubt'],
    ['a run that does not exist', 'nobody:c1-1', 'approver', { resolution: 'retry' }, 404, 'operation.not-in-doubt'],
    ['somebody who may only operate', OPERATION, 'operator', { resolution: 'retry' }, 403, 'auth.role-missing'],
  ] as const)('refuse %s', async (_what, operation, who, payload, status, code) => {
    const answer = await ask('POST', `/v1/in-doubt/${operation}`, who, payload);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(bus.published).toEqual([]);
  });
});
