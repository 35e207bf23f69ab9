import { describe, expect, it } from '@jest/globals';
import { Specification, approval, control, dispatch, failed, fork, inDoubt, originOf, parked, plan, release, resolution, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

const waiting = given(task(1_000, { maxAmount: 100 }), plan(1, [['spend', 'allow', { amount: 70 }]]), parked('c1-1', 7, 2));

describe('a call whose tool is quarantined', () => {
  it('is parked: nobody has it, its money is back in the purse, and the run waits until the tool is released', () => {
    waiting.thenCommits(['wait', 'call-parked']).thenStands('parked').thenWaitsFor('contract:spend:7').thenState({ phase: 'acting', spent: { amount: 0 } });
    const released = waiting.when(release('c1-1')).thenCommits(['wait', 'call-released']).thenWaitsFor('policy:c1-1');
    released.when(dispatch(verdictOf('c1-1', 'allow', 'spend'))).thenCommits(['call.default', 'policy-checked', 'tool-called']).thenState({ spent: { amount: 70 } });
    released.when(dispatch(verdictOf('c1-1', 'deny', 'spend'))).thenCommits(['plan', 'policy-checked', 'call-refused']);
  });

  it('does not keep the others of its decision from being made', () => {
    const both = given(task(), plan(1, [['pay', 'allow'], ['lookup', 'allow']]), parked('c1-1'), tool('c1-2', succeeded(1))).thenWaitsFor('contract:pay:7');
    both.when(release('c1-1')).when(dispatch(verdictOf('c1-1', 'allow'))).when(tool('c1-1', succeeded(1))).thenCommits(['plan', 'tool-returned', 'observation-recorded']);
  });

  it('needs a person\'s consent again, since that was given to the tool as it was', () => {
    const consented = given(task(), plan(1, [['pay', 'ask']]), approval('a-c1-1', 'approved'), dispatch(verdictOf('c1-1', 'allow')), parked('c1-1'), release('c1-1'));
    const asked = consented.when(dispatch(verdictOf('c1-1', 'ask'))).thenCommits(['wait', 'policy-checked', 'approval-requested', 'timer-set']).thenWaitsFor('approval:a2-c1-1');
    asked.when(approval('a-c1-1', 'approved', 'late')).thenNothing('stale');
    asked.when(approval('a2-c1-1', 'approved')).when(dispatch(verdictOf('c1-1', 'allow'))).thenCommits(['call.default', 'policy-checked', 'tool-called']);
    asked.when(timer('a2-c1-1')).thenCommits(['plan', 'timer-fired', 'approval-answered', 'call-refused']);
  });

  it('may be parked again, by a worker that has not heard of the release or under a later quarantine', () => {
    const sent = waiting.when(release('c1-1')).when(dispatch(verdictOf('c1-1', 'allow', 'spend')));
    sent.when(parked('c1-1', 7, 2)).thenNothing('duplicate');
    sent.when(parked('c1-1', 8, 2)).thenNothing('stale');
    const again = sent.when(parked('c1-1', 7, 5)).thenWaitsFor('contract:spend:7');
    again.when(release('c1-1', 7)).thenNothing('duplicate');
    again.when(release('c1-1', 7, 'for commit 6')).thenWaitsFor('policy:c1-1');
  });

  it('is released once, and by no word about an earlier quarantine', () => {
    waiting.when(release('c1-1', 6)).thenNothing('stale');
    waiting.when(release('c1-1', 9)).thenCommits(['wait', 'call-released']);
    const released = waiting.when(release('c1-1'));
    released.when(release('c1-1')).thenNothing('duplicate');
    released.when(release('c1-1', 8)).thenNothing('stale');
    empty.when(release('c1-1')).thenNothing('refused');
    given(task(), plan(1, [])).when(release('c1-1')).thenNothing('stale');
  });

  it('waits in a paused run, and is sent when that is resumed', () => {
    waiting.when(control('pause')).when(release('c1-1')).when(dispatch(verdictOf('c1-1', 'allow', 'spend'))).thenCommits(['wait', 'policy-checked']);
  });

  it('is refused at once when the run is cancelled or overdue, before or after it was parked', () => {
    for (const end of [control('cancel'), control('abort'), timer('deadline')]) {
      waiting.when(end).thenState({ phase: 'ended', spent: { amount: 0 } }).thenEvent({ type: 'call-refused', callId: 'c1-1' });
      const stopping = given(task(), plan(1, [['spend', 'allow', { amount: 70 }]]), end);
      stopping.when(parked('c1-1')).thenCommits(['end', 'call-parked', 'call-refused', 'run-ended']).thenState({ spent: { amount: 0 } });
    }
  });

  it('may be one that undoes another: the abort waits for the release, and says so', () => {
    const undoing = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b1' } })), control('abort'), dispatch(verdictOf('undo-c1-1', 'allow', 'unbook')), parked('undo-c1-1'));
    undoing.thenStands('parked').thenWaitsFor('contract:unbook:7');
    undoing.when(release('undo-c1-1')).thenWaitsFor('policy:undo-c1-1').when(dispatch(verdictOf('undo-c1-1', 'allow', 'unbook'))).when(tool('undo-c1-1', failed)).thenState({ phase: 'ended', undone: { failed: [{ callId: 'c1-1' }] } });
  });

  it('was never made, for a run that begins anew from there', () => {
    empty.when(fork('fork', originOf(waiting.state))).thenEvent({ type: 'run-forked', unsettled: [expect.objectContaining({ callId: 'c1-1', status: 'refused' })] as never });
  });
});

describe('a report that a call is parked', () => {
  it('counts only for a call that its adapter has', () => {
    empty.when(parked('c1-1')).thenNothing('stale');
    given(task()).when(parked('c1-1')).thenNothing('stale');
    given(task(), plan(1, [])).when(parked('c1-1')).thenNothing('stale');
    given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', succeeded(1))).when(parked('c1-1')).thenNothing('stale');
  });

  it('does not hold up a person\'s word about a doubt, by which nothing is sent', () => {
    given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt), resolution('c1-1', 'happened')).when(parked('c1-1')).thenNothing('stale');
  });
});
