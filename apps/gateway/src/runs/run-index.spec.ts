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
    const stops = [index.onChange((tenant, summary: RunSummary) => changes.push(`${tenant}/${summary.runId} ${summary.status}`)), index.onCommit(key('a'), (number) => commits.push(number ?? 0))];
    await payInvoice(log, key('a'), 2);
    await payInvoice(log, key('a', 'globex'), 1);
    stops.forEach((stop) => stop());
    await payInvoice(log, key('b'), 1);

    expect([changes, commits]).toEqual([['acme/a running', 'acme/a waiting', 'globex/a running'], [1, 2]]);
  });

  it('forgets the run that ended first when it is full, and never one that is alive', async () => {
    await payInvoice(log, key('alive'), 1);
    await payInvoice(log, key('old'), 6);
    await started(1);
    const before = names();
    await payInvoice(log, key('new'), 6);

    expect([[...before].sort(), [...names()].sort(), index.get(key('old'))]).toEqual([['alive', 'old'], ['alive', 'new'], undefined]);
  });

  it('forgets of the tenant that has most, so that a busy one does not push others out', async () => {
    await payInvoice(log, key('quiet', 'globex'), 6);
    for (const run of ['a', 'b', 'c', 'd']) await payInvoice(log, key(run), 6);
    await started(3);

    expect([names('globex'), names().length]).toEqual([['quiet'], 2]);
  });

  it('lists every run that waits for a person, however many ended since', async () => {
    await payInvoice(log, key('waiting'), 2);
    for (const run of ['a', 'b', 'c']) await payInvoice(log, key(run), 6);
    await started(1);

    expect(index.listWaiting('acme', 10).runs.map((run) => run.runId)).toEqual(['waiting']);
  });

  it('keeps a list in order while runs change, come and are forgotten between two lists', async () => {
    await started(2);
    const lists: (readonly string[])[] = [];
    for (const [run, commits] of [['a', 1], ['b', 3], ['c', 6], ['d', 6], ['e', 5], ['f', 6]] as const) {
      await payInvoice(log, key(run), commits);
      lists.push(names());
    }

    expect(lists).toEqual([['a'], ['b', 'a'], ['c', 'b', 'a'], ['d', 'c', 'b', 'a'], ['d', 'c', 'e', 'b', 'a'], ['f', 'd', 'e', 'b', 'a']]);
  });

  it('tells nobody of changes that it reads in the past', async () => {
    await payInvoice(log, key('a'), 3);
    const changes: string[] = [];
    index = new RunIndex(log, 10, silent);
    index.onChange((_, { runId }) => changes.push(runId));
    await index.start();
    await payInvoice(log, key('b'), 1);

    expect(changes).toEqual(['b']);
  });

  it('bids those who follow a run look themselves when it has read the log', async () => {
    const heard: (number | undefined)[] = [];
    index = new RunIndex(log, 10, silent);
    index.onCommit(key('a'), (number) => heard.push(number));
    await index.start();

    expect(heard).toEqual([undefined]);
  });

  it('hides a secret that a later commit repeats, in reasons too', async () => {
    await payInvoice(log, key('a'), 4);
    await append(log, key('a'), 'plan', returned('c1-1', 'pay', { word: 'sesame-open' }, 'secret'));
    await append(log, key('a'), 'wait', [{ type: 'wind-down-begun', status: 'failed', reason: 'It said sesame-open.' }]);
    await started();

    expect(index.get(key('a'))?.reason).toBe('It said [secret].');
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
