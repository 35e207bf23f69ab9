import { describe, expect, it } from '@jest/globals';
import type { Input } from '../decide/decision.js';
import { Specification, plan, succeeded, task, tool, verdictOf } from './specification.fixture.js';

const { given, empty } = { given: Specification.given, empty: Specification.empty };

describe('a task', () => {
  it('begins a run, sets its deadline and asks a planner', () => {
    empty.when(task()).thenCommits(['plan', 'task-accepted', 'timer-set']).thenState({ phase: 'planning', basis: 1, timers: { deadline: 61_000 } });
  });

  it('is folded once, however often it is delivered', () => {
    given(task()).when(task()).thenNothing('duplicate');
  });

  it('of the same source and id with other content is refused', () => {
    const other = task();
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

describe('a run that plans', () => {
  it('waits for the proposal to its last plan commit, by number', () => {
    empty.thenStands('unborn').thenWaitsFor('task');
    given(task()).thenStands('planning').thenWaitsFor('planner:1');
    given(task(), plan(1, [['pay', 'deny']])).thenWaitsFor('planner:2');
  });

  it('waits for nothing once it has ended', () => {
    given(task(), plan(1, [])).thenStands('ended').thenWaitsFor();
  });
});

describe('an answer that is not what the agent\'s declaration says', () => {
  const wrong = (basis: number): Input => ({ ...(plan(basis, [], `plan:${basis}`) as Extract<Input, { fact: { kind: 'plan' } }>), misfit: 'it is not JSON' });

  it('is told to the model, which is asked again, and ends the run the third time', () => {
    const once = given(task(), wrong(1)).thenCommits(['plan', 'decision-made', 'notice-given']).thenEvent({ type: 'notice-given', about: 'answer', used: 1, limit: 2, detail: 'it is not JSON' });
    const twice = once.when(wrong(2)).thenCommits(['plan', 'decision-made', 'notice-given']);
    twice.when(wrong(3)).thenCommits(['end', 'decision-made', 'run-ended']).thenState({ status: 'failed', reason: "the answer does not follow the agent's output schema: it is not JSON" });
    twice.when(plan(3, [])).thenState({ status: 'completed' });
  });

  it('ends the run at once where nothing is left to mend it with', () => {
    given(task(1_000, { maxTokens: 1 }), wrong(1)).thenState({ phase: 'ended', status: 'failed' });
  });
});
