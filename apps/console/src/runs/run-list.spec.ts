import { describe, expect, it } from '@jest/globals';
import { addressOf, readFilter, type RunSummary } from './filter.js';
import { RunList } from './run-list.js';

const run = (runId: string, changedAt: number, rest: Partial<RunSummary> = {}): RunSummary => ({
  runId, changedAt, commits: changedAt, status: 'running', phase: 'planning', agent: 'payables', type: 'invoice', source: 's', taskId: runId, goal: runId, steps: 1, openCalls: [], approvalsWaiting: [], startedAt: 0, ...rest,
});
const shown = (list: RunList): readonly string[] => list.rows.map(({ runId, commits }) => `${runId}@${commits}`);

describe('a list of runs', () => {
  it('takes pages in order, each run once and with the most that is known of it', () => {
    const list = new RunList({});
    list.add([run('b', 9), run('a', 8)]);
    list.add([run('a', 7), run('c', 5)]);

    expect(shown(list)).toEqual(['b@9', 'a@8', 'c@5']);
  });

  it('says what is so in its place, and puts in order when it is wanted', () => {
    const list = new RunList({});
    list.add([run('b', 9), run('a', 8)]);
    list.take(run('a', 10));
    list.take(run('new', 11));

    expect([shown(list), list.waiting]).toEqual([['b@9', 'a@10'], 2]);
    list.settle();
    expect([shown(list), list.waiting]).toEqual([['new@11', 'a@10', 'b@9'], 0]);
  });

  it('lets go of what its filter does not show, and never goes back in time', () => {
    const list = new RunList({ status: 'running', agent: 'payables' });
    list.add([run('a', 5), run('b', 4)]);
    list.take(run('a', 3, { status: 'completed' }));
    list.take(run('b', 6, { status: 'completed' }));
    list.take(run('of-another', 7, { agent: 'refunds' }));
    list.settle();

    expect(shown(list)).toEqual(['a@5']);
  });
});

describe('the filter in an address', () => {
  it('is read as it was written', () => {
    const filter = { status: 'waiting', agent: 'a&b', type: 'invoice.received' } as const;
    const query = Object.fromEntries(new URL(addressOf(filter), 'http://localhost').searchParams);

    expect(readFilter(query)).toEqual(filter);
    expect(addressOf({})).toBe('/console/runs');
  });

  it('leaves out what is none', () => {
    expect(readFilter({ status: 'nonsense', agent: '', other: 'x' })).toEqual({});
  });
});
