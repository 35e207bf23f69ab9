import { describe, expect, it } from '@jest/globals';
import { decide, type Input, type RecordedResult, type RunState } from '../index.js';
import { Specification, agent, approval, control, dispatch, failed, fork, originOf, plan, signal, simulated, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given } = Specification;
const paid = given(task(1_000, { maxSteps: 20, maxAmount: 100 }), plan(1, [['lookup', 'allow']]), tool('c1-1', succeeded({ iban: 'DE1' })));
const begun = given({ ...simulated('fork', originOf(paid.state), 3), agent: { ...agent, budgets: { ...agent.budgets, maxAmount: 100 } } } as Input);

const secret = { trust: 'third-party', secrecy: 'secret', source: 'tool:pay' } as const;
const recorded = (number: number, change: Partial<RecordedResult> = {}): RecordedResult => ({ outcome: succeeded({ paymentId: 'p7' }) as RecordedResult['outcome'], observation: { content: { paymentId: 'p7' }, label: secret, fields: {} }, from: { runId: 'origin', number }, ...change });

/** A proposal for one call, of which the log of the origin holds this. */
const planRecorded = (basis: number, name: string, record: RecordedResult, args?: Record<string, unknown>): Input => {
  const input = plan(basis, [[name, 'allow', args]]) as Extract<Input, { judged: unknown }>;
  return { ...input, judged: input.judged.map((one) => ({ ...one, recorded: record })) } as Input;
};

describe('a run whose effects are simulated', () => {
  it('says so in its first event, and a run whose effects are real says nothing', () => {
    expect(decideEvents(simulated('fork', originOf(paid.state)))[0]).toMatchObject({ type: 'run-forked', effects: 'simulated' });
    expect(decideEvents(fork('fork', originOf(paid.state)))[0]).not.toHaveProperty('effects');
    begun.thenState({ simulation: { usedUpTo: 3 } });
  });

  it('makes no call that changes something: it goes on at once, with an outcome that says that it is simulated', () => {
    const after = begun.when(plan(1, [['pay', 'allow'], ['book', 'allow']])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded']);
    after.thenEvent({ type: 'call-simulated', callId: 'c1-1', tool: 'pay', effect: 'keyed', arguments: { invoice: 7 } }).thenEvent({ type: 'observation-recorded', callId: 'c1-1', content: expect.objectContaining({ simulated: true }), label: { trust: 'organisation', secrecy: 'internal', source: 'holdfast' } });
    expect(JSON.stringify(after.drafts)).not.toContain('permit-');
  });

  it('takes what is recorded of the same call, as it was and with the labels that it has there', () => {
    begun.when(planRecorded(1, 'pay', recorded(9)))
      .thenEvent({ type: 'call-simulated', callId: 'c1-1', from: { runId: 'origin', number: 9 } })
      .thenEvent({ type: 'observation-recorded', content: { paymentId: 'p7' }, label: secret })
      // What it has read now counts like what any run has read.
      .thenState({ phase: 'planning', read: { secrecy: 'secret' }, simulation: { usedUpTo: 9 } });
  });

  it('takes a recorded failure as well, with what its text is worth', () => {
    const closed = { ...failed, failure: { code: 'bank.closed', message: 'The account is closed.', retryable: false, remedy: 'Ask.' } } as RecordedResult['outcome'];
    begun.when(planRecorded(1, 'pay', { outcome: closed, label: secret, from: { runId: 'origin', number: 5 } })).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-simulated', 'tool-returned']).thenEvent({ type: 'tool-returned', outcome: closed, label: secret });
  });

  it('reads really where nothing is recorded, under a permit, and from the record where something is', () => {
    begun.when(plan(1, [['lookup', 'allow']])).thenCommits(['call.default', 'decision-made', 'policy-checked', 'tool-called']).thenEvent({ type: 'tool-called', tool: 'lookup', permit: 'permit-c1-1' }).thenWaitsFor('adapter:default:c1-1');
    begun.when(planRecorded(1, 'lookup', recorded(4))).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded']);
  });

  it('goes along its origin\'s record and never back', () => {
    const far = begun.when(planRecorded(1, 'pay', recorded(9))).thenState({ simulation: { usedUpTo: 9 } });
    far.when(planRecorded(2, 'lookup', recorded(4))).thenState({ simulation: { usedUpTo: 9 } });
    far.when(planRecorded(2, 'lookup', { ...recorded(40), from: { runId: 'before-the-origin', number: 40 } })).thenState({ simulation: { usedUpTo: 9 } });
  });

  it('is refused what policy refuses, recorded or not', () => {
    const denied = plan(1, [['pay', 'deny']]) as Extract<Input, { judged: unknown }>;
    begun.when({ ...denied, judged: denied.judged.map((one) => ({ ...one, recorded: recorded(9) })) } as Input).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
  });

  it('asks people as any run does, and tells them that agreeing makes nothing happen', () => {
    const asked = begun.when(plan(1, [['pay', 'ask']])).thenEvent({ type: 'approval-requested', reasons: ['policy says ask', expect.stringContaining('simulated')] as never }).thenWaitsFor('approval:a-c1-1');
    asked.when(approval('a-c1-1', 'approved')).when(dispatch(verdictOf('c1-1', 'allow'))).thenCommits(['plan', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded']);
    asked.when(approval('a-c1-1', 'rejected')).thenCommits(['plan', 'approval-answered', 'call-refused']);
  });

  it('spends of its own purse as if the calls had been made', () => {
    const spent = begun.when(plan(1, [['spend', 'allow', { amount: 70 }]])).thenState({ spent: { amount: 70 } });
    spent.when(plan(2, [['spend', 'allow', { amount: 70 }]])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused']);
    begun.when(planRecorded(1, 'spend', { ...recorded(5), outcome: { ...failed, failure: { ...(failed as { failure: object }).failure, retryable: false } } as never }, { amount: 70 })).thenState({ spent: { amount: 0 } });
  });

  it('starts no other run', () => {
    begun.when(plan(1, [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check.' }]])).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-simulated', 'tool-returned', 'observation-recorded']);
  });

  it('really waits for times and signals, but for what is recorded', () => {
    begun.when(plan(1, [['holdfast_wait', 'allow', { seconds: 5 }]])).thenWaitsFor('time:w-c1-1').when(timer('w-c1-1')).thenWaitsFor('planner:3');
    begun.when(plan(1, [['holdfast_wait_signal', 'allow', { name: 'go' }]])).thenWaitsFor('signal:go').when(signal('go')).thenWaitsFor('planner:3');
    begun.when(planRecorded(1, 'holdfast_wait', recorded(7), { seconds: 5 })).thenWaitsFor('planner:2');
  });

  it('has nothing to undo when it is aborted, by a person or by its agent, also where it takes over from a run that had', () => {
    const booked = given(task(), plan(1, [['book', 'allow']]), tool('c1-1', succeeded({ booking: { id: 'b1' } })), control('cancel'));
    const again = given(simulated('retry', originOf(booked.state, true)));
    again.when(plan(1, [['book', 'allow']])).when(control('abort')).thenCommits(['end', 'wind-down-begun', 'run-ended']);
    again.when(plan(1, [['holdfast_abort', 'allow', { reason: 'no use' }]])).thenState({ phase: 'ended', status: 'failed' });
  });

  it('sends nothing while it is paused', () => {
    given(simulated('fork', originOf(paid.state)), control('pause')).when(plan(1, [['pay', 'allow']])).thenWaitsFor('resume', 'policy:c1-1');
  });

  it('is no turn of the conversation that its origin belongs to', () => {
    const { fact, ...rest } = task();
    const threaded = given({ ...rest, fact: { ...fact, event: { ...fact.event, thread: 'talk' } } });
    expect(decideEvents(simulated('fork', originOf(threaded.state)))[0]).not.toHaveProperty('task.thread');
    expect(decideEvents(fork('fork', originOf(threaded.state)))[0]).toHaveProperty('task.thread', 'talk');
  });

  it('is what everything stays that goes on with it', () => {
    Specification.empty.when(fork('fork', originOf(begun.state))).thenNothing('refused');
    Specification.empty.when(fork('retry', originOf(begun.state, true))).thenNothing('refused');
    Specification.empty.when(simulated('fork', originOf(begun.state))).thenStands('planning');
  });
});

function decideEvents(input: Input): readonly unknown[] {
  const decision = decide({ phase: 'unborn' } satisfies RunState, input);
  return decision.kind === 'commit' ? decision.drafts[0].events : [];
}
