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
});
