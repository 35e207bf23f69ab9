import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { askAs, startGateway, type FakeBus } from '../gateway.fixture.js';
import { accepted, append, ended, key, newLog, payInvoice } from '../runs/run.fixture.js';

const begin = (log: InMemoryEventLog, run: string, tenant = 'acme') => append(log, key(run, tenant), 'plan', [accepted()]);

describe('one word to many runs', () => {
  let log: InMemoryEventLog;
  let bus: FakeBus;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    log = newLog();
    for (const run of ['run-1', 'run-2', 'run-3']) await begin(log, run);
    await payInvoice(log, key('run-over'));
    await begin(log, 'run-foreign', 'globex');
    ({ app, bus, stop } = await startGateway(log));
  });
  afterEach(() => stop());

  const ask = (payload: object, who: Parameters<typeof askAs>[3] = 'operator') => askAs(app, 'POST', '/v1/runs/bulk', who, payload);
  const told = () => bus.published.filter(({ subject }) => subject.endsWith('.control')).map(({ subject }) => subject.split('.')[3]).sort();
  const order = { action: 'cancel', filter: { agent: 'payables' }, reason: 'enough' };

  it('is shown first, and nothing is done', async () => {
    const { status, body } = await ask(order);
    expect([status, body.dryRun, body.count, body.more, body.outcomes]).toEqual([200, true, 3, false, []]);
    expect(body.sample.map(({ runId }: { runId: string }) => runId).sort()).toEqual(['run-1', 'run-2', 'run-3']);
    expect(told()).toEqual([]);
  });

  it('reaches the very runs that were shown, and none that came since or that ended', async () => {
    const { body: { shown } } = await ask(order);
    await begin(log, 'run-late');
    await append(log, key('run-2'), 'end', [ended('Done.')]);
    const { body } = await ask({ ...order, shown });
    expect(Object.fromEntries(body.outcomes.map(({ runId, outcome, code }: { runId: string; outcome: string; code?: string }) => [runId, [outcome, code]]))).toEqual({ 'run-1': ['told', undefined], 'run-2': ['skipped', expect.any(String)], 'run-3': ['told', undefined] });
    expect(told()).toEqual(['run-1', 'run-3']);
  });

  it('is said once, however often it is sent, and goes on where it was broken off', async () => {
    const { body: { shown } } = await ask(order);
    bus.answer = { status: 'unknown', reason: 'timeout' };
    expect((await ask({ ...order, shown })).body.outcomes.map(({ outcome, code }: { outcome: string; code: string }) => [outcome, code])).toEqual([['failed', 'gateway.not-stored'], ['failed', 'gateway.not-stored'], ['failed', 'gateway.not-stored']]);
    bus.answer = undefined;
    expect((await ask({ ...order, shown })).body.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['told', 'told', 'told']);
    const factId = (bus.published.find(({ subject }) => subject.includes('run-1'))?.body as { id: string }).id;
    // The orchestrator has followed it by then: the run that ended was told, and does not count as one that fits no more.
    await log.append(key('run-1'), { route: 'end', events: [{ type: 'run-ended', status: 'cancelled', reason: 'enough' }], at: 9_999, cause: { kind: 'control', id: factId } }, await log.head(key('run-1')));
    expect((await ask({ ...order, shown })).body.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['known', 'known', 'known']);
    expect(told()).toEqual(['run-1', 'run-2', 'run-3']);
  });

  it.each<[string, (shown: { at: number; runs: string[]; digest: string }) => object]>([
    ['another action', (shown) => ({ ...order, action: 'abort', shown })],
    ['another filter', (shown) => ({ ...order, filter: {}, shown })],
    ['one run more', (shown) => ({ ...order, shown: { ...shown, runs: [...shown.runs, 'run-over'] } })],
    ['another time', (shown) => ({ ...order, shown: { ...shown, at: shown.at + 1 } })],
  ])('is refused for %s than was shown', async (_what, change) => {
    const { body: { shown } } = await ask(order);
    expect(await ask(change(shown))).toMatchObject({ status: 409, body: { code: 'bulk.not-shown' } });
    expect((await ask({ ...order, shown }, 'admin')).body.code).toBe('bulk.not-shown');
    expect(told()).toEqual([]);
  });

  it('is bounded, and says that there are more', async () => {
    const { body } = await ask({ ...order, limit: 2 });
    expect([body.count, body.more, body.shown.runs.length]).toEqual([2, true, 2]);
    expect((await ask({ ...order, filter: { agent: 'nobody' } })).body).toMatchObject({ count: 0, sample: [] });
  });

  it('halts what is not halted, and lets go on what is', async () => {
    await append(log, key('run-1'), 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
    expect((await ask({ ...order, action: 'pause' })).body.shown.runs.sort()).toEqual(['run-2', 'run-3']);
    expect((await ask({ ...order, action: 'resume' })).body.shown.runs).toEqual(['run-1']);
  });

  it('signals each run with the payload that was shown, once', async () => {
    const signal = { ...order, action: 'signal', signal: { name: 'prices-are-up', payload: { percent: 3 } } };
    const { body: { shown } } = await ask(signal);
    expect((await ask({ ...signal, signal: { name: 'prices-are-up', payload: { percent: 30 } }, shown })).body.code).toBe('bulk.not-shown');
    expect((await ask({ ...signal, shown })).body.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['told', 'told', 'told']);
    expect(bus.published.map(({ body }) => body)).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'signal', name: 'prices-are-up', payload: { percent: 3 }, by: 'otto' })]));
    const factId = (bus.published.find(({ subject }) => subject.includes('run-1'))?.body as { id: string }).id;
    await log.append(key('run-1'), { route: 'end', events: [{ type: 'run-ended', status: 'cancelled', reason: 'enough' }], at: 9_999, cause: { kind: 'signal', id: factId } }, await log.head(key('run-1')));
    expect((await ask({ ...signal, shown })).body.outcomes.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['known', 'known', 'known']);
    expect(bus.published).toHaveLength(3);
    const deep = JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) as unknown;
    expect([(await ask({ ...signal, signal: { name: 'x', payload: 'x'.repeat(70_000) } })).status, (await ask({ ...signal, signal: { name: 'x', payload: deep } })).body.code]).toEqual([413, 'request.malformed']);
  });

  it('retries what failed, each run once, whoever asks and in whichever request', async () => {
    const end = (run: string, status: 'failed' | 'cancelled') => append(log, key(run), 'end', [{ type: 'run-ended', status, reason: 'no' }]);
    await end('run-1', 'failed');
    await end('run-2', 'cancelled');
    const retry = { action: 'retry', filter: {}, reason: 'the bank is back' };
    const { body: { shown } } = await ask(retry);
    const later = { ...retry, reason: 'again' };
    const shownToAdmin = (await ask(later, 'admin')).body.shown;
    expect([shown.runs, shownToAdmin.runs, (await ask({ ...retry, filter: { status: 'cancelled' } })).body.shown.runs]).toEqual([['run-1'], ['run-1'], ['run-2']]);
    const [outcome] = (await ask({ ...retry, shown })).body.outcomes;
    expect(outcome).toEqual({ runId: 'run-1', outcome: 'told', factId: expect.stringMatching(/^fork:/), newRunId: expect.stringMatching(/^f[0-9a-f]{26}$/) });
    expect(bus.published.map(({ body }) => body)).toEqual([{ kind: 'fork', id: outcome.factId, mode: 'retry', origin: { runId: 'run-1', number: 2 }, effects: 'real', by: 'otto', reason: 'the bank is back' }]);
    expect((await ask({ ...retry, shown })).body.outcomes).toEqual([{ ...outcome, outcome: 'known' }]);

    const { task, agent, budgets, labels } = accepted();
    await log.append(key(outcome.newRunId), { route: 'plan', at: 1, cause: { kind: 'fork', id: outcome.factId }, events: [{ type: 'run-forked', mode: 'retry', by: 'otto', reason: 'the bank is back', origin: { runId: 'run-1', number: 2, hash: 'a'.repeat(64) }, task, agent, budgets, labels, amount: 0, undoable: [], unsettled: [] }] }, undefined);
    expect((await ask(retry)).body).toMatchObject({ count: 0 });
    expect((await ask({ ...later, shown: shownToAdmin }, 'admin')).body.outcomes).toEqual([{ runId: 'run-1', outcome: 'skipped', code: 'fork.key-reused' }]);
    await end(outcome.newRunId, 'failed');
    expect((await ask(retry)).body.shown.runs).toEqual([outcome.newRunId]);
  });
});
