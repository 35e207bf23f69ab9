import { describe, expect, it } from '@jest/globals';
import { undispatchedCalls } from '../index.js';
import { Specification, child, control, dispatch, plan, signal, succeeded, task, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

describe('people', () => {
  it('may cancel a run that waits for its planner at once', () => {
    given(task()).when(control('cancel')).thenCommits(['end', 'wind-down-begun', 'run-ended']).thenState({ status: 'cancelled' });
  });

  it('may cancel while a call is out: its outcome is still recorded, and then the run ends', () => {
    const cancelled = given(task(), plan(1, [['lookup', 'allow'], ['pay', 'ask']]), control('cancel')).thenCommits(['wait', 'wind-down-begun', 'call-refused']).thenState({ phase: 'acting' });
    cancelled.when(tool('c1-1', succeeded('paid'))).thenCommits(['end', 'tool-returned', 'observation-recorded', 'run-ended']);
  });

  it('may pause: outcomes are recorded, nobody plans or acts until the run is resumed', () => {
    const paused = given(task(), plan(1, [['pay', 'allow']]), control('pause'), tool('c1-1', succeeded(1))).thenCommits(['wait', 'tool-returned', 'observation-recorded']);
    paused.when(control('resume')).thenCommits(['plan', 'run-resumed']);
  });

  it('may pause while a planner thinks: its calls are judged and held back until the run is resumed', () => {
    const held = given(task(), control('pause'), plan(1, [['pay', 'allow']])).thenCommits(['wait', 'decision-made', 'policy-checked']);
    expect(undispatchedCalls(held.state)).toEqual([]);
    const resumed = held.when(control('resume')).thenCommits(['wait', 'run-resumed']);
    expect(undispatchedCalls(resumed.state)).toMatchObject([{ callId: 'c1-1' }]);
  });

  it('are told when a run does not exist or has ended', () => {
    empty.when(control('cancel')).thenNothing('refused');
    given(task(), plan(1, [])).when(control('cancel')).thenNothing('stale');
  });
});

describe('an instruction that comes again or too late', () => {
  it('changes nothing: the same one is a duplicate, another that says the same is stale', () => {
    const paused = given(task(), control('pause', 'first'));
    paused.when(control('pause', 'first')).thenNothing('duplicate');
    paused.when(control('pause', 'second')).thenNothing('stale');
    given(task(), control('pause', 'first'), control('resume')).when(control('pause', 'first')).thenNothing('duplicate');
    given(task()).when(control('resume')).thenNothing('stale');
  });

  it('may still turn a cancellation into an abort, but not the other way round', () => {
    const cancelled = given(task(), plan(1, [['pay', 'allow']]), control('cancel'));
    cancelled.when(control('abort')).thenCommits(['wait', 'wind-down-begun']).when(control('cancel', 'again')).thenNothing('stale');
  });
});

describe('a cancellation', () => {
  it('refuses what waits for a time, a signal or a person, and waits for nothing of it', () => {
    const waiting = given(task(), plan(1, [['holdfast_wait', 'allow', { seconds: 5 }], ['holdfast_wait_signal', 'allow', { name: 'go' }], ['pay', 'ask']]));
    waiting.when(control('cancel')).thenCommits(['end', 'wind-down-begun', 'call-refused', 'call-refused', 'call-refused', 'run-ended']);
  });

  it('asks the runs that this one started to end, and waits until they have', () => {
    const cancelled = given(task(), plan(1, [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check it.' }]]), control('cancel'));
    cancelled.thenCommits(['call.holdfast', 'wind-down-begun', 'child-stop-asked']).thenEvent({ type: 'child-stop-asked', runId: 'run_c1-1', action: 'cancel' }).thenWaitsFor('child:run_c1-1');
    cancelled.when(child('c1-1', 'cancelled')).thenCommits(['end', 'child-ended', 'tool-returned', 'run-ended']).thenState({ status: 'cancelled' });
  });

  it('ends a paused run', () => {
    given(task(), control('pause')).when(control('cancel')).thenCommits(['end', 'wind-down-begun', 'run-ended']);
  });
});

describe('a paused run', () => {
  it('names the person who must resume it beside whatever else it waits for', () => {
    given(task(), control('pause')).thenStands('paused').thenWaitsFor('resume', 'planner:1');
    given(task(), plan(1, [['pay', 'allow']]), control('pause')).thenWaitsFor('resume', 'adapter:default:c1-1');
  });

  it('begins no wait: it is judged and held back like any call', () => {
    const held = given(task(), control('pause'), plan(1, [['holdfast_wait', 'allow', { seconds: 5 }]])).thenCommits(['wait', 'decision-made', 'policy-checked']);
    held.when(control('resume')).when(dispatch(verdictOf('c1-1', 'allow', 'holdfast_wait'))).thenCommits(['wait', 'policy-checked', 'wait-begun', 'timer-set']);
  });

  it('takes signals and fired timers in', () => {
    const paused = given(task(), plan(1, [['holdfast_wait_signal', 'allow', { name: 'go' }]]), control('pause'));
    paused.when(signal('go')).thenCommits(['wait', 'signal-received', 'tool-returned', 'observation-recorded']).thenWaitsFor('resume').when(control('resume')).thenCommits(['plan', 'run-resumed']);
  });
});
