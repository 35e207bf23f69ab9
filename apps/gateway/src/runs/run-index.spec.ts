import { beforeEach, describe, expect, it } from '@jest/globals';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { RunIndex } from './run-index.js';
import { accepted, append, called, decided, ended, judged, key, newLog, payInvoice, returned } from './run.fixture.js';
import type { RunSummary } from './run-summary.js';

const silent = { error: () => undefined, info: () => undefined };

describe('the run index', () => {
  let log: InMemoryEventLog;
  let index: RunIndex;
  const started = async (maximumRuns = 100): Promise<RunIndex> => {
    index = new RunIndex(log, maximumRuns, silent);
    await index.start();
    return index;
  };
  const names = (tenant = 'acme'): readonly string[] => index.list(tenant, {}, 100).runs.map((run) => run.runId);

  beforeEach(() => {
    log = newLog();
  });

  it('is complete only when the log has been read', async () => {
    const unread = new RunIndex(log, 10, silent);

    expect(() => unread.list('acme', {}, 1)).toThrow(expect.objectContaining({ code: 'gateway.catching-up', retryable: true }));
    expect([unread.isComplete, (await started()).isComplete]).toEqual([false, true]);
  });

  it.each([
    [1, 'running', 'planning', [], []],
    [2, 'waiting', 'acting', ['awaiting-approval'], ['a-c1-1']],
    [3, 'running', 'acting', ['undispatched'], []],
    [4, 'running', 'acting', ['called'], []],
    [5, 'running', 'planning', [], []],
    [6, 'completed', 'ended', [], []],
  ] as const)('tells after commit %d that the run is %s', async (commits, status, phase, calls, approvals) => {
    await payInvoice(log, key('run-1'), commits);
    const summary = (await started()).get(key('run-1'));

    expect(summary).toMatchObject({ status, phase, commits, agent: 'payables', type: 'invoice.received' });
    expect(summary?.openCalls.map((call) => call.status)).toEqual(calls);
    expect(summary?.approvalsWaiting.map((approval) => approval.approvalId)).toEqual(approvals);
  });

  it('tells paused and stopping runs apart', async () => {
    await payInvoice(log, key('paused'), 4);
    await append(log, key('paused'), 'wait', [{ type: 'run-paused', by: 'otto', reason: 'lunch' }]);
    await payInvoice(log, key('stopping'), 4);
    await append(log, key('stopping'), 'wait', [{ type: 'wind-down-begun', status: 'cancelled', reason: 'otto cancelled the run' }]);
    await started();

    expect([index.get(key('paused'))?.status, index.get(key('stopping'))]).toEqual(['paused', expect.objectContaining({ status: 'stopping', reason: 'otto cancelled the run' })]);
  });

  it('sorts by last change and follows the log', async () => {
    await payInvoice(log, key('a'), 1);
    await payInvoice(log, key('b'), 2);
    await started();
    const before = names();
    await payInvoice(log, key('c'), 3);

    expect([before, names(), names('globex')]).toEqual([['b', 'a'], ['c', 'b', 'a'], []]);
  });

  it('tells each change and each commit to those who listen, until they stop', async () => {
    await started();
    const changes: string[] = [];
    const commits: number[] = [];
    const stops = [index.onChange((tenant, summary: RunSummary) => changes.push(`${tenant}/${summary.runId} ${summary.status}`)), index.onCommit(key('a'), (number) => commits.push(number))];
    await payInvoice(log, key('a'), 2);
    await payInvoice(log, key('a', 'globex'), 1);
    stops.forEach((stop) => stop());
    await payInvoice(log, key('b'), 1);

    expect([changes, commits]).toEqual([['acme/a running', 'acme/a waiting', 'globex/a running'], [1, 2]]);
  });

  it('forgets the run that ended first when it is full, and never one that is alive', async () => {
    await payInvoice(log, key('alive'), 1);
    await payInvoice(log, key('old'), 6);
    await started(2);
    await payInvoice(log, key('new'), 6);

    expect([...names()].sort()).toEqual(['alive', 'new']);
  });

  it('keeps a summary small whatever the run holds, and leaves secrets out of it', async () => {
    const run = key('big');
    await append(log, run, 'plan', [accepted({ goal: 'g'.repeat(20_000), input: { text: 'x'.repeat(50_000) } })]);
    await append(log, run, 'call.default', [decided(1, Array.from({ length: 32 }, () => ({ tool: 'pay', arguments: { text: 'y'.repeat(1_000) } }))), judged('c1-1', 'pay', 'allow', 'ok'), called('c1-1', 'pay', {})]);
    await append(log, run, 'plan', returned('c1-1', 'pay', { word: 'sesame-open' }, 'secret'));
    await append(log, run, 'end', [ended(`The word is sesame-open. ${'z'.repeat(50_000)}`)]);
    const summary = (await started()).get(run);

    expect(JSON.stringify(summary).length).toBeLessThan(8_000);
    expect(summary?.answer).toMatch(/^The word is \[secret\]\./);
  });

  it('lists a run whose history cannot be folded as unreadable and goes on with the others', async () => {
    await payInvoice(log, key('bad'), 1);
    await append(log, key('bad'), 'wait', [called('c9-9', 'pay', {})]);
    await payInvoice(log, key('good'), 6);
    await started();

    expect([index.get(key('bad'))?.status, index.get(key('good'))?.status]).toEqual(['unreadable', 'completed']);
  });
});
