import { describe, expect, it } from '@jest/globals';
import { Specification, approval, control, inDoubt, plan, succeeded, task, tool } from './specification.fixture.js';

const { given } = Specification;

describe('an outcome', () => {
  it('that nobody can know makes the run wait for a person, whose word settles it', () => {
    const waiting = given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt)).thenCommits(['wait', 'tool-returned', 'approval-requested']).thenState({ phase: 'acting' });
    waiting.when(approval('doubt-c1-1', 'approved')).thenCommits(['plan', 'approval-answered', 'tool-returned']).thenEvent({ type: 'tool-returned', outcome: expect.objectContaining({ status: 'succeeded' }) as never });
    waiting.when(approval('doubt-c1-1', 'rejected')).thenEvent({ type: 'tool-returned', outcome: expect.objectContaining({ status: 'failed' }) as never });
  });

  it('stays unknown while the run is cancelled: the run ends when a person has said what happened', () => {
    const cancelled = given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt), control('cancel')).thenWaitsFor('word:doubt-c1-1').thenStands('in-doubt');
    cancelled.when(approval('doubt-c1-1', 'approved')).thenCommits(['end', 'approval-answered', 'tool-returned', 'run-ended']).thenState({ status: 'cancelled' });
  });

  it('of one call does not keep the others from being recorded', () => {
    const both = given(task(), plan(1, [['lookup', 'allow'], ['pay', 'allow']]), tool('c1-2', inDoubt), tool('c1-1', succeeded(1))).thenWaitsFor('word:doubt-c1-2');
    both.when(approval('doubt-c1-2', 'rejected')).thenCommits(['plan', 'approval-answered', 'tool-returned']);
  });

  it('that a person resolves can be undone like any other, as far as its arguments are known', () => {
    const resolved = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', inDoubt), approval('doubt-c1-1', 'approved'));
    resolved.thenEvent({ type: 'compensation-noted', by: 'unbook', arguments: { invoice: 7, why: 'aborted' }, missing: ['booking'] });
  });
});
