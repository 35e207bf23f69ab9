import { describe, expect, it } from '@jest/globals';
import type { ToolOutcome } from '@holdfast/contracts';
import type { Acting } from '../index.js';
import { Specification, approval, control, dispatch, failed, inDoubt, mayBeRetried, plan, resolution, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

const doubtOf = (claim: number): ToolOutcome => ({ ...inDoubt, operationKey: 'e'.repeat(64), claim }) as ToolOutcome;
const doubt = doubtOf(41);
const booking = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', doubt));

describe('a person\'s word about a call in doubt', () => {
  it('goes to the call\'s adapter, which brings it into the ledger and tells what that holds', () => {
    const resolved = booking.when(resolution('c1-1', 'happened')).thenCommits(['call.default', 'doubt-resolved']).thenStands('calling').thenWaitsFor('adapter:default:c1-1').thenState({ approvals: {} });
    resolved.thenEvent({ type: 'doubt-resolved', approvalId: 'doubt-c1-1', adapter: 'default', effect: 'keyed', arguments: { invoice: 7 }, operationKey: 'e'.repeat(64), claim: 41, resolution: 'happened', result: { booking: { id: 'b7' } }, by: 'ada' });
    resolved.when(tool('c1-1', { ...succeeded({ booking: { id: 'b7' } }), replayed: true } as never, 'told', 4)).thenCommits(['plan', 'tool-returned', 'observation-recorded', 'compensation-noted']);
  });

  it('that it did not happen fails the call, and gives its money back', () => {
    const spent = given(task(1_000, { maxAmount: 100 }), plan(1, [['spend', 'allow', { amount: 70 }]]), tool('c1-1', doubt)).thenState({ spent: { amount: 70 } });
    spent.when(resolution('c1-1', 'did-not-happen')).thenState({ spent: { amount: 70 } }).when(tool('c1-1', failed, 'told', 4)).thenCommits(['plan', 'tool-returned']).thenState({ spent: { amount: 0 } });
  });

  it('to try again sends the same call once more, when the ledger is free and policy permits it afresh', () => {
    const spent = given(task(1_000, { maxAmount: 100 }), plan(1, [['spend', 'allow', { amount: 70 }]]), tool('c1-1', doubt));
    const free = spent.when(resolution('c1-1', 'retry')).thenEvent({ type: 'doubt-resolved', resolution: 'retry' }).when(tool('c1-1', mayBeRetried, 'told', 4));
    free.thenCommits(['wait', 'call-released']).thenWaitsFor('policy:c1-1').thenState({ spent: { amount: 0 } });
    free.when(dispatch(verdictOf('c1-1', 'deny', 'spend'))).thenCommits(['plan', 'policy-checked', 'call-refused']);
    const sent = free.when(dispatch(verdictOf('c1-1', 'allow', 'spend'))).thenCommits(['call.default', 'policy-checked', 'tool-called']).thenState({ spent: { amount: 70 } });
    sent.when(tool('c1-1', succeeded(1), 'done', 6)).thenCommits(['plan', 'tool-returned', 'observation-recorded']);
  });

  it('to try again keeps a person\'s consent to exactly this call', () => {
    const consented = given(task(), plan(1, [['book', 'ask']]), approval('a-c1-1', 'approved'), dispatch(verdictOf('c1-1', 'allow', 'book')), tool('c1-1', doubt), resolution('c1-1', 'retry'), tool('c1-1', mayBeRetried, 'told'));
    consented.thenState({ calls: { 'c1-1': { status: 'undispatched', approval: { approvalId: 'a-c1-1', by: 'ada' } } } });
  });

  it('is no answer to what the ledger says otherwise: another run\'s person was first', () => {
    const asked = booking.when(resolution('c1-1', 'retry'));
    asked.when(tool('c1-1', { ...succeeded({ booking: { id: 'b1' } }), replayed: true } as never, 'told', 4)).thenCommits(['plan', 'tool-returned', 'observation-recorded', 'compensation-noted']);
    asked.when(tool('c1-1', failed, 'told', 4)).thenCommits(['plan', 'tool-returned']);
  });

  it('whose result cannot be used leaves the call in doubt, and people are asked anew, under another name', () => {
    const again = booking.when(resolution('c1-1', 'happened')).when(tool('c1-1', doubtOf(43), 'told', 4)).thenCommits(['wait', 'tool-returned', 'approval-requested']).thenWaitsFor('word:doubt2-c1-1');
    again.when(approval('doubt-c1-1', 'approved')).thenNothing('stale');
    again.when(resolution('c1-1', 'retry', { approvalId: 'doubt-c1-1' })).thenNothing('stale');
    again.when(resolution('c1-1', 'retry', { approvalId: 'doubt2-c1-1' })).thenEvent({ type: 'doubt-resolved', approvalId: 'doubt2-c1-1', claim: 43 });
    again.when(approval('doubt2-c1-1', 'rejected')).thenCommits(['plan', 'approval-answered', 'tool-returned']);
  });

  it('works once, and only for a call that is in doubt', () => {
    const resolved = booking.when(resolution('c1-1', 'happened'));
    resolved.when(resolution('c1-1', 'happened')).thenNothing('duplicate');
    resolved.when(resolution('c1-1', 'retry')).thenNothing('stale');
    resolved.when(approval('doubt-c1-1', 'approved')).thenNothing('stale');
    given(task(), plan(1, [['book', 'allow']])).when(resolution('c1-1', 'retry')).thenNothing('stale');
    given(task(), plan(1, [])).when(resolution('c1-1', 'retry')).thenNothing('stale');
    empty.when(resolution('c1-1', 'retry')).thenNothing('refused');
  });

  it('is refused, and the approval left to be answered, where an earlier release kept no word of the adapter', () => {
    const { adapter: _adapter, ...call } = (booking.state as Acting).calls['c1-1']!;
    Specification.of({ ...booking.state, calls: { 'c1-1': call } } as never).when(resolution('c1-1', 'retry')).thenNothing('refused');
  });
});

describe('an outcome that comes late from an earlier dispatch of its call', () => {
  it('says nothing of the present one', () => {
    const resolved = booking.when(resolution('c1-1', 'retry'));
    resolved.when(tool('c1-1', mayBeRetried, 'late', 2)).thenNothing('stale');
    const again = resolved.when(tool('c1-1', mayBeRetried, 'told', 4)).when(dispatch(verdictOf('c1-1', 'allow', 'book')));
    again.when(tool('c1-1', failed, 'late', 2)).thenNothing('stale');
    again.when(tool('c1-1', mayBeRetried, 'late', 4)).thenNothing('stale');
    again.when(tool('c1-1', succeeded(1), 'done', 6)).thenCommits(['plan', 'tool-returned', 'observation-recorded', 'compensation-noted']);
  });
});

describe('a doubt that is being resolved', () => {
  it('is resolved in a paused run too, and what may be tried again waits until it is resumed', () => {
    const free = booking.when(control('pause')).when(resolution('c1-1', 'retry')).thenCommits(['call.default', 'doubt-resolved']).when(tool('c1-1', mayBeRetried, 'told', 5));
    free.thenCommits(['wait', 'call-released']).when(dispatch(verdictOf('c1-1', 'allow', 'book'))).thenCommits(['wait', 'policy-checked']);
  });

  it('is accounted for when the run is cancelled or overdue, but never tried again', () => {
    for (const end of [control('cancel'), timer('deadline')]) {
      const stopping = booking.when(end).thenStands('in-doubt').when(resolution('c1-1', 'retry')).thenCommits(['call.default', 'doubt-resolved']);
      stopping.when(tool('c1-1', mayBeRetried, 'told', 5)).thenCommits(['end', 'tool-returned', 'run-ended']);
    }
    booking.when(resolution('c1-1', 'retry')).when(control('cancel')).thenWaitsFor('adapter:default:c1-1').when(tool('c1-1', mayBeRetried, 'told', 4)).thenCommits(['end', 'tool-returned', 'run-ended']);
  });

  it('is undone like any effect when the run is aborted and it did happen; a person has to agree, for it may be another run\'s', () => {
    const aborted = booking.when(control('abort')).when(resolution('c1-1', 'happened')).when(tool('c1-1', { ...succeeded({ booking: { id: 'b7' } }), replayed: true } as never, 'told', 5));
    aborted.thenEvent({ type: 'compensation-asked', arguments: { booking: 'b7', invoice: 7, why: 'aborted' }, needsPerson: true }).thenWaitsFor('policy:undo-c1-1');
  });

  it('may be that of an undoing, which is then tried again', () => {
    const lost = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b1' } })), control('abort'), dispatch(verdictOf('undo-c1-1', 'allow', 'unbook')), tool('undo-c1-1', doubt));
    const free = lost.thenWaitsFor('word:doubt-undo-c1-1').when(resolution('undo-c1-1', 'retry')).when(tool('undo-c1-1', mayBeRetried, 'told')).thenCommits(['wait', 'call-released']).thenWaitsFor('policy:undo-c1-1');
    free.when(dispatch(verdictOf('undo-c1-1', 'allow', 'unbook'))).when(tool('undo-c1-1', succeeded(1), 'done')).thenState({ phase: 'ended', undone: { done: ['c1-1'], failed: [] } });
    const not = lost.when(resolution('undo-c1-1', 'did-not-happen')).when(tool('undo-c1-1', failed, 'told'));
    not.thenState({ phase: 'ended', reason: 'ada aborted the run. 0 of 1 effects were undone; not undone: c1-1 by unbook (It is down.)' });
    expect(not.state).toMatchObject({ undone: { failed: [{ callId: 'c1-1' }] } });
  });
});
