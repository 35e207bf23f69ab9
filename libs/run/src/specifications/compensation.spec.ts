import { describe, expect, it } from '@jest/globals';
import { MOST_UNDOABLE } from '../index.js';
import { Specification, actedWithoutResult, approval, child, control, dispatch, failed, inDoubt, plan, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given } = Specification;

const booked = (id: string) => succeeded({ booking: { id } });
/** Two bookings, one after the other, and the planner is asked what is next. */
const twice = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', booked('b1')), plan(3, [['book', 'allow']]), tool('c3-1', booked('b2')));
const undo = (callId: string, outcome: 'allow' | 'ask' | 'deny' = 'allow') => dispatch(verdictOf(callId, outcome, 'unbook'));

describe('a call whose contract says how it is undone', () => {
  it('has its undoing noted when it succeeds, with arguments from the call, its result and the contract', () => {
    twice.thenEvent({ type: 'compensation-noted', callId: 'c3-1', tool: 'book', by: 'unbook', arguments: { booking: 'b2', invoice: 7, why: 'aborted' }, missing: [], isShared: false });
  });

  it('has its undoing noted when its effect happened and its result could not be kept, for a person to decide on', () => {
    const acted = given(task(), plan(1, [['book', 'allow']])).when(tool('c1-1', actedWithoutResult)).thenCommits(['plan', 'tool-returned', 'compensation-noted']);
    acted.thenEvent({ type: 'compensation-noted', callId: 'c1-1', arguments: { invoice: 7, why: 'aborted' }, missing: ['booking'], isShared: true });
    const undone = twice.when(control('abort')).when(undo('undo-c3-1')).when(tool('undo-c3-1', actedWithoutResult));
    undone.thenState({ undone: { done: ['c3-1'], failed: [] } });
  });

  it('has nothing to undo when it fails', () => {
    given(task(), plan(1, [['book', 'allow']])).when(tool('c1-1', failed)).thenCommits(['plan', 'tool-returned']);
  });

  it('is refused before it is sent when no more can be remembered', () => {
    const inputs = Array.from({ length: MOST_UNDOABLE }, (_, index) => [plan(1 + 2 * index, [['book', 'allow']]), tool(`c${1 + 2 * index}-1`, booked(`b${index}`))]).flat();
    given(task(1_000, { maxSteps: 1_000 }), ...inputs).when(plan(1 + 2 * MOST_UNDOABLE, [['book', 'allow']])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });
});

describe('an abort', () => {
  it('of a run that has done nothing ends it like a cancellation', () => {
    given(task()).when(control('abort')).thenCommits(['end', 'wind-down-begun', 'run-ended']).thenState({ status: 'cancelled', reason: 'ada aborted the run' });
  });

  it('undoes what was done in reverse order, one after the other, each judged and sent like any call', () => {
    const aborted = twice.when(control('abort')).thenCommits(['wait', 'wind-down-begun', 'compensation-asked']).thenStands('compensating').thenWaitsFor('policy:undo-c3-1');
    const first = aborted.when(undo('undo-c3-1')).thenCommits(['call.default', 'policy-checked', 'tool-called']).thenStands('compensating').thenWaitsFor('adapter:default:undo-c3-1');
    const second = first.when(tool('undo-c3-1', succeeded(1))).thenCommits(['wait', 'tool-returned', 'observation-recorded', 'compensation-asked']).thenWaitsFor('policy:undo-c1-1');
    const ended = second.when(undo('undo-c1-1')).when(tool('undo-c1-1', succeeded(1))).thenCommits(['end', 'tool-returned', 'observation-recorded', 'run-ended']);
    ended.thenState({ status: 'cancelled', reason: 'ada aborted the run. 2 of 2 effects were undone', undone: { done: ['c3-1', 'c1-1'], failed: [] } });
  });

  it('waits until the calls that are out are accounted for, and undoes them too', () => {
    const out = given(task(), plan(1, [['book', 'allow']]), control('abort')).thenCommits(['wait', 'wind-down-begun']).thenWaitsFor('adapter:default:c1-1');
    out.when(tool('c1-1', booked('b1'))).thenCommits(['wait', 'tool-returned', 'observation-recorded', 'compensation-noted', 'compensation-asked']).thenWaitsFor('policy:undo-c1-1');
    out.when(tool('c1-1', inDoubt)).thenWaitsFor('word:doubt-c1-1').when(approval('doubt-c1-1', 'rejected')).thenCommits(['end', 'approval-answered', 'tool-returned', 'run-ended']);
  });

  it('goes on with the others when one is refused, fails or cannot be made, and says so in the end', () => {
    const refused = twice.when(control('abort')).when(undo('undo-c3-1', 'deny')).thenCommits(['wait', 'policy-checked', 'call-refused', 'compensation-asked']).thenWaitsFor('policy:undo-c1-1');
    const ended = refused.when(undo('undo-c1-1')).when(tool('undo-c1-1', failed));
    ended.thenState({ phase: 'ended', reason: 'ada aborted the run. 0 of 2 effects were undone; not undone: c3-1 by unbook (policy says deny); c1-1 by unbook (It is down.)' });
    const unmakeable = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded('no booking in here')), control('abort'));
    unmakeable.thenCommits(['end', 'wind-down-begun', 'compensation-asked', 'call-refused', 'run-ended']).thenState({ undone: { failed: [{ callId: 'c1-1', tool: 'unbook' }] } });
  });

  it('asks a person where policy asks one, and goes on when nobody answers in time', () => {
    const asked = twice.when(control('abort')).when(undo('undo-c3-1', 'ask')).thenWaitsFor('approval:a-undo-c3-1').thenStands('awaiting-approval');
    asked.when(approval('a-undo-c3-1', 'approved')).thenWaitsFor('policy:undo-c3-1').when(undo('undo-c3-1')).thenCommits(['call.default', 'policy-checked', 'tool-called']);
    asked.when(timer('a-undo-c3-1')).thenCommits(['wait', 'timer-fired', 'approval-answered', 'call-refused', 'compensation-asked']);
  });

  it('asks a person before it undoes what the ledger replayed, because that may be the effect of another run', () => {
    const shared = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', { ...booked('b1'), replayed: true } as never), control('abort'));
    const asked = shared.when(undo('undo-c1-1')).thenCommits(['wait', 'policy-checked', 'approval-requested', 'timer-set']);
    asked.when(approval('a-undo-c1-1', 'approved')).when(undo('undo-c1-1')).thenCommits(['call.default', 'policy-checked', 'tool-called']);
  });

  it('in which an undoing is in doubt waits for a person\'s word on it', () => {
    const lost = twice.when(control('abort')).when(undo('undo-c3-1')).when(tool('undo-c3-1', inDoubt)).thenStands('in-doubt').thenWaitsFor('word:doubt-undo-c3-1');
    lost.when(approval('doubt-undo-c3-1', 'approved')).thenState({ undone: { done: ['c3-1'] } }).thenWaitsFor('policy:undo-c1-1');
  });

  it('is carried to the runs that this one started, before anything is undone', () => {
    const parent = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', booked('b1')), plan(3, [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check.' }]]));
    const aborted = parent.when(control('abort')).thenCommits(['call.holdfast', 'wind-down-begun', 'child-stop-asked']).thenEvent({ type: 'child-stop-asked', action: 'abort' });
    aborted.when(child('c3-1', 'cancelled')).thenCommits(['wait', 'child-ended', 'tool-returned', 'compensation-asked']);
  });

  it('can be paused, and undoes nothing until it is resumed', () => {
    const paused = twice.when(control('abort')).when(control('pause')).thenStands('paused').thenWaitsFor('resume', 'policy:undo-c3-1');
    paused.when(undo('undo-c3-1')).thenCommits(['wait', 'policy-checked']).when(control('resume')).thenStands('compensating');
  });

  it('by the agent fails the run, undoes what was done, and makes nothing of what was asked for beside it', () => {
    const reason = 'the seats are too dear';
    const wished = twice.when(plan(5, [['pay', 'allow'], ['holdfast_abort', 'allow', { reason }], ['lookup', 'allow']]));
    wished.thenCommits(['wait', 'decision-made', 'policy-checked', 'tool-returned', 'wind-down-begun', 'call-refused', 'call-refused', 'compensation-asked']).thenStands('compensating').thenWaitsFor('policy:undo-c3-1');
    const ended = wished.when(undo('undo-c3-1')).when(tool('undo-c3-1', succeeded(1))).when(undo('undo-c1-1', 'deny'));
    ended.thenState({ phase: 'ended', status: 'failed', reason: `the agent payer aborted the run: ${reason}. 1 of 2 effects were undone; not undone: c1-1 by unbook (policy says deny)`, undone: { done: ['c3-1'], failed: [{ callId: 'c1-1' }] } });
  });

  it('by the agent is judged like any call: refused, put to a person, or held back while the run is paused', () => {
    const wish = (outcome: 'ask' | 'deny', reason: unknown = 'too dear') => twice.when(plan(5, [['holdfast_abort', outcome, { reason }]]));
    wish('deny').thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused', 'notice-given']);
    const abort = dispatch(verdictOf('c5-1', 'allow', 'holdfast_abort'));
    const asked = wish('ask').thenWaitsFor('approval:a-c5-1').when(approval('a-c5-1', 'approved'));
    asked.when(abort).thenCommits(['wait', 'policy-checked', 'tool-returned', 'wind-down-begun', 'compensation-asked']);
    asked.when(control('pause')).when(abort).thenCommits(['wait', 'policy-checked']);
    twice.when(plan(5, [['holdfast_abort', 'allow', { reason: '' }]])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused', 'notice-given']);
  });

  it('by the agent waits for the calls that are out', () => {
    const asked = given(task(), plan(1, [['book', 'allow'], ['holdfast_abort', 'ask', { reason: 'late' }]]), approval('a-c1-2', 'approved'), dispatch(verdictOf('c1-2', 'allow', 'holdfast_abort')));
    asked.thenCommits(['wait', 'policy-checked', 'tool-returned', 'wind-down-begun']).thenWaitsFor('adapter:default:c1-1');
    asked.when(tool('c1-1', booked('b1'))).thenWaitsFor('policy:undo-c1-1');
  });

  it('leaves a planner that was thinking without a say', () => {
    twice.when(control('abort')).when(plan(5, [['pay', 'allow']])).thenNothing('stale');
  });

  it('never undoes an undoing', () => {
    const aborted = twice.when(control('abort')).when(dispatch(verdictOf('undo-c3-1', 'allow', 'book'))).when(tool('undo-c3-1', booked('b9')));
    expect(aborted.drafts.flatMap((draft) => draft.events).filter((event) => event.type === 'compensation-noted')).toEqual([]);
  });
});
