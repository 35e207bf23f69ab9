import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { bearer, startGateway, type FakeBus } from '../gateway.fixture.js';
import { RunIndex } from '../runs/run-index.js';
import { accepted, append, called, decided, ended, key, newLog, payInvoice, returned } from '../runs/run.fixture.js';

const DECLARED = 'e'.repeat(64);
const SECRET_PIN = 'pin-4711-0815';

describe('forks over HTTP', () => {
  let log: InMemoryEventLog;
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    await payInvoice(log, key('run-1'));
    await payInvoice(log, key('run-2'), 2);
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const fork = async (run: string, body: unknown, who: 'operator' | 'viewer' | 'stranger' = 'operator', idempotency?: string) => {
    const answer = await app.inject({ method: 'POST', url: `/v1/runs/${run}/forks`, headers: { 'content-type': 'application/json', ...bearer(who), ...(idempotency === undefined ? {} : { 'idempotency-key': idempotency }) }, payload: JSON.stringify(body) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const facts = () => bus.published.map(({ body }) => body as Record<string, unknown>);

  it('become one fact of a run of its own: a fork is simulated and a retry real, unless somebody says otherwise', async () => {
    const forked = await fork('run-2', { mode: 'fork', at: 1, reason: 'what if' });
    const retried = await fork('run-1', { mode: 'retry', reason: 'again' });
    await fork('run-2', { mode: 'fork', effects: 'real' });
    expect(forked).toEqual({ status: 202, body: { runId: expect.stringMatching(/^f[0-9a-f]{26}$/), factId: expect.stringMatching(/^fork:/), duplicate: false } });
    expect(facts()).toEqual([
      { kind: 'fork', id: forked.body.factId, mode: 'fork', origin: { runId: 'run-2', number: 1 }, effects: 'simulated', by: 'otto', reason: 'what if' },
      { kind: 'fork', id: retried.body.factId, mode: 'retry', origin: { runId: 'run-1', number: 6 }, effects: 'real', by: 'otto', reason: 'again' },
      expect.objectContaining({ mode: 'fork', origin: { runId: 'run-2', number: 2 }, effects: 'real' }),
    ]);
    expect(bus.published[0]?.subject).toMatch(new RegExp(`^inbox\\.\\d\\.acme\\.${forked.body.runId}\\.fork$`));
  });

  it('are one for a key, before and after the log has it, also when the origin has gone on; and another request cannot take that key', async () => {
    const first = await fork('run-2', { mode: 'fork' }, 'operator', 'k');
    await append(log, key('run-2'), 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
    const again = await fork('run-2', { mode: 'fork' }, 'operator', 'k');
    expect([again.body.runId, again.body.duplicate, facts().length]).toEqual([first.body.runId, true, 1]);
    const { task, agent, budgets, labels } = accepted();
    await log.append(key(first.body.runId), { route: 'plan', at: 1, cause: { kind: 'fork', id: first.body.factId }, events: [{ type: 'run-forked', mode: 'fork', by: 'otto', reason: '', origin: { runId: 'run-2', number: 2, hash: 'a'.repeat(64) }, task, agent, effects: 'simulated', budgets, labels, amount: 0, undoable: [], unsettled: [] }] }, undefined);
    expect(await fork('run-2', { mode: 'fork' }, 'operator', 'k')).toEqual({ status: 202, body: { ...first.body, duplicate: true } });
    expect((await fork('run-2', { mode: 'fork', at: 1 }, 'operator', 'k')).body.code).toBe('fork.key-reused');
    expect((await fork('run-2', { mode: 'fork' }, 'operator', 'other')).body.runId).not.toBe(first.body.runId);
    expect((await fork(first.body.runId, { mode: 'fork', effects: 'real' })).body.code).toBe('fork.origin-simulated');
    expect((await fork(first.body.runId, { mode: 'fork' })).status).toBe(202);
  });

  it('go on with an agent and a version that exist', async () => {
    expect((await fork('run-2', { mode: 'fork', agent: 'payables', version: DECLARED })).status).toBe(202);
    expect(facts()).toEqual([expect.objectContaining({ agent: 'payables', version: DECLARED })]);
    expect((await fork('run-2', { mode: 'fork', agent: 'nobody' })).body.code).toBe('agent.unknown');
    expect((await fork('run-2', { mode: 'fork', version: 'f'.repeat(64) })).body.code).toBe('agent.version-unknown');
  });

  it.each([
    ['a retry of a run that still runs', 'run-2', { mode: 'retry' }, 409, 'fork.origin-runs'],
    ['a commit that the run does not have', 'run-2', { mode: 'fork', at: 3 }, 404, 'run.commit-unknown'],
    ['a run that is not there', 'run-9', { mode: 'fork' }, 404, 'run.unknown'],
    ['no mode', 'run-2', {}, 400, 'request.invalid'],
    ['commit 0', 'run-2', { mode: 'fork', at: 0 }, 400, 'request.invalid'],
    ['a member that nobody knows', 'run-2', { mode: 'fork', tenant: 'globex' }, 400, 'request.invalid'],
    ['other effects', 'run-2', { mode: 'fork', effects: 'some' }, 400, 'request.invalid'],
  ] as const)('are refused at once for %s', async (_what, run, body, status, code) => {
    const answer = await fork(run, body);
    expect([answer.status, answer.body.code, facts()]).toEqual([status, code, []]);
  });

  it('are no viewer\'s to begin, and find no run of another tenant', async () => {
    expect([(await fork('run-2', { mode: 'fork' }, 'viewer')).status, (await fork('run-2', { mode: 'fork' }, 'stranger')).status, facts()]).toEqual([403, 404, []]);
  });

  it('are turned away like tasks where a tenant has too many of them waiting', async () => {
    bus.waiting = 2_000;
    await fork('run-2', { mode: 'fork' });
    expect((await fork('run-2', { mode: 'fork' })).body.code).toBe('task.tenant-busy');
  });

  it('show nowhere what their origin had read in secret', async () => {
    await append(log, key('run-9'), 'plan', [accepted()]);
    await append(log, key('run-9'), 'call.default', [decided(1, [{ tool: 'look_up', arguments: {} }]), called('c1-1', 'look_up', {})]);
    const at = await append(log, key('run-9'), 'plan', returned('c1-1', 'look_up', { pin: SECRET_PIN }, 'secret'));
    const { task, agent, budgets, labels } = accepted();
    await append(log, key('fork-9'), 'plan', [{ type: 'run-forked', mode: 'fork', by: 'otto', reason: '', origin: { runId: 'run-9', number: 3, hash: at.commit.hash }, task, agent, effects: 'simulated', budgets, labels, read: { trust: 'organisation', secrecy: 'secret' }, amount: 0, undoable: [], unsettled: [] }]);
    await append(log, key('fork-9'), 'wait', [decided(1, [{ tool: 'pay', arguments: { pin: SECRET_PIN } }]), { type: 'approval-requested', approvalId: 'a-c1-1', callId: 'c1-1', tool: 'pay', arguments: { pin: SECRET_PIN }, reasons: [], expiresAt: 1 }]);
    const waiting = await app.inject({ method: 'GET', url: '/v1/approvals', headers: bearer('viewer') });
    expect(waiting.json().approvals).toContainEqual(expect.objectContaining({ runId: 'fork-9' }));
    await append(log, key('fork-9'), 'end', [decided(2, [], `It is ${SECRET_PIN}.`), ended(`It is ${SECRET_PIN}.`)]);
    const told = await Promise.all(['/v1/runs', '/v1/runs/fork-9', '/v1/runs/fork-9/events', '/v1/runs/fork-9/why/3', '/v1/runs/fork-9/stream'].map((url) => app.inject({ method: 'GET', url, headers: bearer('viewer') })));
    expect(told.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200, 200]);
    for (const { body } of [waiting, ...told]) expect(body).not.toContain(SECRET_PIN);
    expect(app.get(RunIndex).get(key('fork-9'))).toMatchObject({ status: 'completed', answer: '[secret]' });
  });
});
