import { describe, expect, it } from '@jest/globals';
import { initialState } from '../index.js';
import { Specification, approval, control, dispatch, fork, inDoubt, originOf, plan, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

const booked = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b1' } })));

describe('a fork', () => {
  it('begins a run where another stands, with the task, new budgets and a new deadline, and asks a planner', () => {
    const forked = empty.when(fork('fork', originOf(booked.state), 3)).thenCommits(['plan', 'run-forked', 'timer-set']);
    forked.thenState({ phase: 'planning', head: 1, basis: 1, steps: 0, task: { goal: 'Pay invoice 7.' }, timers: { deadline: 150_000 }, origin: { runId: 'origin', number: 3 } }).thenWaitsFor('planner:1');
    forked.when(plan(1, [])).thenState({ phase: 'ended', status: 'completed' });
  });

  it('is begun once', () => {
    const forked = given(fork('fork', originOf(booked.state)));
    forked.when(fork('fork', originOf(booked.state))).thenNothing('duplicate');
    forked.when(fork('retry', originOf(booked.state, true))).thenNothing('refused');
    given(task()).when(fork('fork', originOf(booked.state))).thenNothing('refused');
  });

  it('sends nothing again that the origin had under way: the model is told what was not made and what is unknown', () => {
    const open = given(task(), plan(1, [['pay', 'allow'], ['pay', 'ask'], ['lookup', 'allow'], ['holdfast_wait', 'allow', { seconds: 5 }], ['holdfast_start_run', 'allow', { type: 'check', goal: 'Check.' }]]), tool('c1-3', succeeded(1)));
    const forked = empty.when(fork('fork', originOf(open.state), 5)).thenCommits(['plan', 'run-forked', 'timer-set']).thenState({ calls: {}, approvals: {} });
    forked.thenEvent({ type: 'run-forked', unsettled: [
      expect.objectContaining({ callId: 'c1-1', status: 'unknown' }), expect.objectContaining({ callId: 'c1-2', status: 'refused' }),
      expect.objectContaining({ callId: 'c1-4', status: 'refused' }), expect.objectContaining({ callId: 'c1-5', status: 'unknown' }),
    ] as never });
    const lost = given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt));
    empty.when(fork('fork', originOf(lost.state))).thenEvent({ type: 'run-forked', unsettled: [expect.objectContaining({ callId: 'c1-1', status: 'unknown' })] as never });
  });

  it('takes no answers and timers of the origin for its own', () => {
    const asked = given(task(), plan(1, [['pay', 'ask']]));
    const forked = given(fork('fork', originOf(asked.state)));
    forked.when(approval('a-c1-1', 'approved')).thenNothing('refused');
    forked.when(timer('a-c1-1')).thenNothing('duplicate');
    forked.when(tool('c1-1', succeeded(1))).thenNothing('stale');
  });

  it('begins unpaused and not winding down, whatever the origin was', () => {
    const stopping = given(task(), plan(1, [['pay', 'allow']]), control('pause'), control('cancel'));
    given(fork('fork', originOf(stopping.state))).thenState({ paused: false }).thenStands('planning');
  });

  it('leaves the origin\'s effects to the origin when it is aborted itself', () => {
    given(fork('fork', originOf(booked.state))).when(control('abort')).thenCommits(['end', 'wind-down-begun', 'run-ended']);
  });

  it('gets no second purse', () => {
    const spent = given(task(), plan(1, [['spend', 'allow', { amount: 70 }]]), tool('c1-1', succeeded(1)));
    given(fork('fork', originOf(spent.state))).thenState({ spent: { tokens: 0, amount: 70 } });
  });

  it('is refused where there is no such commit or no such agent', () => {
    empty.when(fork('fork', undefined)).thenNothing('refused');
    empty.when(fork('fork', originOf(initialState))).thenNothing('refused');
    empty.when({ ...fork('fork', originOf(booked.state)), agent: undefined } as never).thenNothing('refused');
  });
});

describe('a retry', () => {
  const failedRun = booked.when(timer('deadline'));

  it('carries on with a run that has ended, and takes over what can be undone', () => {
    const retried = empty.when(fork('retry', originOf(failedRun.state), 4)).thenCommits(['plan', 'run-forked', 'timer-set']).thenStands('planning');
    retried.when(control('abort')).thenWaitsFor('policy:undo-o-c1-1');
  });

  it('tells its own calls from those that it took over, which have the same names', () => {
    const again = given(fork('retry', originOf(failedRun.state)), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b2' } })), control('abort')).thenWaitsFor('policy:undo-c1-1');
    again.when(dispatch(verdictOf('undo-c1-1', 'ask', 'unbook'))).when(approval('a-undo-c1-1', 'rejected')).thenWaitsFor('policy:undo-o-c1-1').when(approval('a-undo-c1-1', 'approved', 'late')).thenNothing('stale');
  });

  it('is refused when what earlier runs did would have too long a name', () => {
    const carried = Array.from({ length: 40 }).reduce<Specification>((run) => (run.last?.kind === 'refused' ? run : empty.when(fork('retry', originOf(run.when(timer('deadline')).state)))), failedRun);
    expect(carried.last).toMatchObject({ kind: 'refused', code: 'fork.too-deep' });
  });

  it('may begin before the step that failed', () => {
    empty.when(fork('retry', originOf(given(task()).state, true), 1)).thenState({ phase: 'planning', steps: 0 });
  });

  it('is refused while the origin still runs', () => {
    empty.when(fork('retry', originOf(booked.state))).thenNothing('refused');
  });
});
