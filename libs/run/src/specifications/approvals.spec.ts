import { describe, expect, it } from '@jest/globals';
import { undispatchedCalls } from '../index.js';
import { Specification, approval, control, dispatch, plan, task, timer, verdictOf } from './specification.fixture.js';

const { given } = Specification;

describe('an approval', () => {
  const asked = given(task(), plan(1, [['pay', 'ask']]));

  it('is requested with a timer, and nothing is sent meanwhile', () => {
    asked.thenCommits(['wait', 'decision-made', 'policy-checked', 'approval-requested', 'timer-set']).thenState({ phase: 'acting', timers: { 'a-c1-1': 32_000 } });
    expect(undispatchedCalls(asked.state)).toEqual([]);
  });

  it('that is given lets exactly that call be judged again and sent', () => {
    const approved = asked.when(approval('a-c1-1', 'approved')).thenCommits(['wait', 'approval-answered']);
    expect(undispatchedCalls(approved.state)).toMatchObject([{ callId: 'c1-1', approval: { by: 'ada' } }]);
    approved.when(dispatch(verdictOf('c1-1', 'allow'))).thenCommits(['call.default', 'policy-checked', 'tool-called']);
    approved.when(dispatch(verdictOf('c1-1', 'ask'))).thenCommits(['plan', 'policy-checked', 'call-refused']);
  });

  it('works once', () => {
    asked.when(approval('a-c1-1', 'approved')).when(approval('a-c1-1', 'rejected', 'second')).thenNothing('stale');
  });

  it('that is rejected or not given in time refuses the call', () => {
    asked.when(approval('a-c1-1', 'rejected')).thenCommits(['plan', 'approval-answered', 'call-refused']);
    asked.when(timer('a-c1-1')).thenCommits(['plan', 'timer-fired', 'approval-answered', 'call-refused']);
  });

  it('that the run never asked for is refused', () => {
    asked.when(approval('constructor', 'approved')).thenNothing('refused');
    asked.when(approval('a-c7-7', 'approved')).thenNothing('refused');
  });

  it('leaves no timer behind once it is answered', () => {
    const approved = asked.when(approval('a-c1-1', 'approved')).thenState({ approvals: {} });
    expect(approved.state).toHaveProperty('timers', { deadline: 61_000 });
    approved.when(timer('a-c1-1')).thenNothing('duplicate');
  });

  it('is over when its call was refused because the run is being ended', () => {
    const cancelled = given(task(), plan(1, [['lookup', 'allow'], ['pay', 'ask']]), control('cancel'));
    expect(cancelled.state).toHaveProperty('approvals', {});
    cancelled.when(approval('a-c1-2', 'approved')).thenNothing('stale');
  });

  it('of several is named each by its call', () => {
    given(task(), plan(1, [['pay', 'ask'], ['pay', 'ask']])).thenStands('awaiting-approval').thenWaitsFor('approval:a-c1-1', 'approval:a-c1-2');
  });
});
