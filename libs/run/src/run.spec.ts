import { describe, expect, it } from '@jest/globals';
import { undispatchedCalls } from './index.js';
import { Specification, approval, control, dispatch, failed, inDoubt, plan, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

describe('a task', () => {
  it('begins a run, sets its deadline and asks a planner', () => {
    empty.when(task()).thenCommits(['plan', 'task-accepted', 'timer-set']).thenState({ phase: 'planning', basis: 1, timers: { deadline: 61_000 } });
  });

  it('is folded once, however often it is delivered', () => {
    given(task()).when(task()).thenNothing('duplicate');
  });

  it('of the same source and id with other content is refused', () => {
    const other = task() as Extract<ReturnType<typeof task>, { agent: unknown }>;
    given(task()).when({ ...other, fact: { ...other.fact, event: { ...other.fact.event, data: { goal: 'Pay invoice 8.' } } } }).thenNothing('refused');
  });

  it('labels the goal as the user\'s words, declared fields as declared and everything else as third-party text', () => {
    empty.when(task()).thenEvent({ type: 'task-accepted', labels: expect.objectContaining({
      goal: expect.objectContaining({ trust: 'user' }), input: expect.objectContaining({ trust: 'third-party' }), 'input.approvedBy': expect.objectContaining({ trust: 'organisation' }),
    }) as never });
  });
});

describe('a proposal', () => {
  it('with one allowed call is recorded, judged and sent in one commit', () => {
    given(task()).when(plan(1, [['pay', 'allow']])).thenCommits(['call.default', 'decision-made', 'policy-checked', 'tool-called']).thenState({ phase: 'acting' });
  });

  it('with several allowed calls sends each in a commit of its own', () => {
    given(task()).when(plan(1, [['lookup', 'allow'], ['pay', 'allow']])).thenCommits(['call.default', 'decision-made', 'policy-checked', 'policy-checked', 'tool-called'], ['call.default', 'tool-called']);
  });

  it('that policy refuses goes back to the planner with the reason, and nothing is sent', () => {
    given(task()).when(plan(1, [['pay', 'deny']])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']).thenEvent({ type: 'call-refused', reasons: ['policy says deny'] });
  });

  it('never has its permit in the record of the policy check', () => {
    const { drafts } = given(task()).when(plan(1, [['pay', 'allow']]));
    const checks = drafts.flatMap((draft) => draft.events).filter((event) => event.type === 'policy-checked');
    expect(checks).toHaveLength(1);
    expect(JSON.stringify(checks)).not.toContain('permit-c1-1');
  });

  it('is accepted once: the same again is a duplicate, another for the same step is stale', () => {
    const accepted = given(task(), plan(1, [['pay', 'allow']]));
    accepted.when(plan(1, [['pay', 'allow']])).thenNothing('duplicate');
    accepted.when(plan(1, [['pay', 'allow']], 'another planner')).thenNothing('stale');
  });

  it('for an earlier step is stale', () => {
    given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', succeeded(1))).when(plan(1, [['pay', 'allow']], 'late')).thenNothing('stale');
  });

  it('without calls ends the run with its answer', () => {
    given(task()).when(plan(1, [])).thenCommits(['end', 'decision-made', 'run-ended']).thenState({ phase: 'ended', status: 'completed', answer: 'paid' });
  });

  it('beyond the budget of steps ends the run and sends nothing', () => {
    const three = given(task(), plan(1, [['pay', 'deny']]), plan(2, [['pay', 'deny']]), plan(3, [['pay', 'deny']]));
    three.when(plan(4, [['pay', 'allow']])).thenCommits(['end', 'decision-made', 'call-refused', 'run-ended']).thenState({ status: 'failed' });
  });

  it('whose calls policy did not judge has them refused', () => {
    const unjudged = { ...plan(1, [['pay', 'allow']]), judged: [{ ...verdictOf('c1-1', 'allow'), contract: undefined }] } as Parameters<Specification['when']>[0];
    given(task()).when(unjudged).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });
});

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

  it('that nobody can know makes the run wait for a person, whose word settles it', () => {
    const waiting = given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt)).thenCommits(['wait', 'tool-returned', 'approval-requested']).thenState({ phase: 'acting' });
    waiting.when(approval('doubt-c1-1', 'approved')).thenCommits(['plan', 'approval-answered', 'tool-returned']).thenEvent({ type: 'tool-returned', outcome: expect.objectContaining({ status: 'succeeded' }) as never });
    waiting.when(approval('doubt-c1-1', 'rejected')).thenEvent({ type: 'tool-returned', outcome: expect.objectContaining({ status: 'failed' }) as never });
  });
});

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
    asked.when(approval('a-c7-7', 'approved')).thenNothing('refused');
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

describe('the deadline', () => {
  it('ends a run that waits for its planner', () => {
    given(task()).when(timer('deadline')).thenCommits(['end', 'timer-fired', 'wind-down-begun', 'run-ended']).thenState({ status: 'failed' });
  });

  it('fires once', () => {
    given(task(), plan(1, [['pay', 'allow']]), timer('deadline')).when(timer('deadline')).thenNothing('duplicate');
  });
});
