import { describe, it } from '@jest/globals';
import { Specification, actedWithoutResult, approval, child, control, failed, inDoubt, plan, succeeded, task, timer, tool } from './specification.fixture.js';

const { given } = Specification;

describe('the deadline', () => {
  it('ends a run that waits for its planner', () => {
    given(task()).when(timer('deadline')).thenCommits(['end', 'timer-fired', 'wind-down-begun', 'run-ended']).thenState({ status: 'failed' });
  });

  it('fires once', () => {
    given(task(), plan(1, [['pay', 'allow']]), timer('deadline')).when(timer('deadline')).thenNothing('duplicate');
  });
});

describe('the deadline of a run that', () => {
  it('waits for a call lets the call be accounted for', () => {
    given(task(), plan(1, [['pay', 'allow']]), timer('deadline')).thenCommits(['wait', 'timer-fired', 'wind-down-begun']).when(tool('c1-1', succeeded(1))).thenState({ phase: 'ended', status: 'failed', reason: 'the deadline of 60 s has passed' });
  });

  it('waits for a person, a time or a signal refuses the calls and ends it', () => {
    given(task(), plan(1, [['pay', 'ask']])).when(timer('deadline')).thenCommits(['end', 'timer-fired', 'wind-down-begun', 'call-refused', 'run-ended']);
    given(task(), plan(1, [['holdfast_wait_signal', 'allow', { name: 'go' }]])).when(timer('deadline')).thenCommits(['end', 'timer-fired', 'wind-down-begun', 'call-refused', 'run-ended']);
  });

  it('is paused ends it all the same', () => {
    given(task(), control('pause')).when(timer('deadline')).thenState({ phase: 'ended', status: 'failed' });
  });

  it('is in doubt waits for the person\'s word', () => {
    given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt), timer('deadline')).thenWaitsFor('word:doubt-c1-1');
  });

  it('is being aborted does not stop the undoing', () => {
    const aborting = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b1' } })), control('abort'));
    aborting.when(timer('deadline')).thenCommits(['wait', 'timer-fired']).thenStands('compensating');
  });
});

describe('a budget of tokens', () => {
  it('ends the run with the proposal that goes beyond it, and sends nothing of it', () => {
    const run = given(task(1_000, { maxTokens: 100 }), plan(1, [['pay', 'deny']], 'plan:1', 40)).thenState({ spent: { tokens: 80 } });
    run.when(plan(2, [['pay', 'allow']], 'plan:2', 11)).thenCommits(['end', 'decision-made', 'call-refused', 'run-ended']).thenState({ status: 'failed', reason: 'the budget of 100 tokens is used up' });
  });

  it('takes an answer although it went beyond: it is paid for', () => {
    given(task(1_000, { maxTokens: 100 })).when(plan(1, [], 'plan:1', 400)).thenState({ phase: 'ended', status: 'completed' });
  });

  it('counts what the runs have used that this one started', () => {
    const run = given(task(1_000, { maxTokens: 100 }), plan(1, [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check it.' }]]), child('c1-1', 'completed', 'fine', 99));
    run.thenState({ spent: { tokens: 101 } }).when(plan(3, [['pay', 'allow']])).thenState({ status: 'failed' });
  });
});

describe('a budget of money', () => {
  const spend = (amount: number) => [['spend', 'allow', { amount }]] as const;

  it('refuses the call that goes beyond it, with what is left, and lets the run go on', () => {
    const spent = given(task(1_000, { maxAmount: 100 }), plan(1, spend(70)), tool('c1-1', succeeded(1))).thenState({ spent: { amount: 70 } });
    spent.when(plan(3, spend(31))).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']).thenEvent({ type: 'call-refused', reasons: ['The call carries 31, and of the run\'s budget of 100 only 30 is left.'] });
    spent.when(plan(3, spend(30))).thenCommits(['call.default', 'decision-made', 'policy-checked', 'tool-called']);
  });

  it('counts the calls of one decision together', () => {
    given(task(1_000, { maxAmount: 100 })).when(plan(1, [['spend', 'allow', { amount: 70 }], ['spend', 'allow', { amount: 70 }]])).thenCommits(['call.default', 'decision-made', 'policy-checked', 'policy-checked', 'call-refused', 'tool-called']);
  });

  it('gets back what a call that failed did not spend, and not what is in doubt', () => {
    const sent = given(task(1_000, { maxAmount: 100 }), plan(1, spend(70)));
    sent.when(tool('c1-1', failed)).thenState({ spent: { amount: 0 } });
    sent.when(tool('c1-1', inDoubt)).thenState({ spent: { amount: 70 } }).when(approval('doubt-c1-1', 'rejected')).thenState({ spent: { amount: 0 } });
    sent.when(tool('c1-1', actedWithoutResult)).thenState({ spent: { amount: 70 } });
  });
});
