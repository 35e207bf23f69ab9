import { describe, expect, it } from '@jest/globals';
import { undispatchedCalls } from '../index.js';
import { Specification, approval, dispatch, failed, plan, succeeded, task, tool, verdictOf } from './specification.fixture.js';

const { given } = Specification;

describe('an outcome', () => {
  it('of the last open call asks the planner again', () => {
    given(task(), plan(1, [['lookup', 'allow'], ['pay', 'allow']]), tool('c1-1', succeeded(1))).thenCommits(['wait', 'tool-returned', 'observation-recorded'])
      .when(tool('c1-2', succeeded(2))).thenCommits(['plan', 'tool-returned', 'observation-recorded']).thenState({ phase: 'planning', basis: 5 });
  });

  it('that failed is told to the planner without becoming an observation', () => {
    given(task(), plan(1, [['pay', 'allow']])).when(tool('c1-1', failed)).thenCommits(['plan', 'tool-returned']);
  });

  it('is folded once', () => {
    given(task(), plan(1, [['lookup', 'allow'], ['pay', 'allow']]), tool('c1-1', succeeded(1))).when(tool('c1-1', succeeded(1))).thenNothing('duplicate');
  });

  it('of a call that nobody made is stale', () => {
    given(task()).when(tool('c9-9', succeeded(1))).thenNothing('stale');
  });
});

describe('a crash between two commits of one decision', () => {
  it('leaves the unsent call in the state, and a dispatch sends it once', () => {
    const killed = given(task()).whenKilledAfterFirstCommit(plan(1, [['lookup', 'allow'], ['pay', 'allow']]));
    expect(undispatchedCalls(killed.state)).toMatchObject([{ callId: 'c1-2' }]);
    const sent = killed.when(dispatch(verdictOf('c1-2', 'allow'))).thenCommits(['call.default', 'policy-checked', 'tool-called']);
    sent.when(dispatch(verdictOf('c1-2', 'allow'))).thenNothing('duplicate');
  });
});

describe('calls that are out', () => {
  it('are waited for each by its adapter and id', () => {
    given(task(), plan(1, [['lookup', 'allow'], ['pay', 'allow']])).thenStands('calling').thenWaitsFor('adapter:default:c1-1', 'adapter:default:c1-2');
  });

  it('that no commit has sent yet are waited for as a verdict', () => {
    given(task()).whenKilledAfterFirstCommit(plan(1, [['lookup', 'allow'], ['pay', 'allow']])).thenWaitsFor('adapter:default:c1-1', 'policy:c1-2');
    given(task(), plan(1, [['pay', 'ask']]), approval('a-c1-1', 'approved')).thenStands('awaiting-policy').thenWaitsFor('policy:c1-1');
  });
});
