import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Input, JudgedCall } from '../decide/decision.js';
import { Specification, actedWithoutResult, approval, child, control, dispatch, failed, inDoubt, parked, plan, release, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

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

describe('a budget of what models cost', () => {
  const costing = (basis: number, wishes: Parameters<typeof plan>[1], micros: number): Input => {
    const input = plan(basis, wishes) as Extract<Input, { fact: { kind: 'plan' } }>;
    return { ...input, fact: { ...input.fact, proposal: { ...input.fact.proposal, model: { ...input.fact.proposal.model, cost: { micros, currency: 'USD' } } } } };
  };

  it('ends the run that goes beyond it, takes an answer all the same, and counts nothing where no price is known', () => {
    const run = given(task(1_000, { maxCostMicros: 1_000_000 }), costing(1, [['pay', 'deny']], 900_000)).thenState({ spent: { costMicros: 900_000 } });
    run.when(costing(2, [['pay', 'allow']], 100_001)).thenCommits(['end', 'decision-made', 'call-refused', 'run-ended']).thenState({ status: 'failed', reason: 'the budget of 1 for models is used up' });
    run.when(costing(2, [], 100_001)).thenState({ status: 'completed' });
    run.when(plan(2, [['pay', 'allow']])).thenState({ phase: 'acting' });
  });

  it('counts the answers that could not be used', () => {
    const input = costing(1, [['pay', 'deny']], 100) as Extract<Input, { fact: { kind: 'plan' } }>;
    const attempts = [{ model: 'm', outcome: 'model.no-answer', durationMs: 1, usage: { inputTokens: 5, outputTokens: 6, cost: { micros: 70, currency: 'USD' } } }, { model: 'm', outcome: 'answered', durationMs: 1 }];
    given(task(), { ...input, fact: { ...input.fact, proposal: { ...input.fact.proposal, model: { ...input.fact.proposal.model, attempts } } } }).thenState({ spent: { tokens: 13, costMicros: 170 } });
  });

  it('is shared by the runs that it starts', () => {
    const start = [['holdfast_start_run', 'allow', { type: 'check', goal: 'Check it.' }]] as const;
    given(task(1_000, { maxCostMicros: 1_000_000 })).when(costing(1, start, 400_000)).thenEvent({ type: 'wait-begun', wait: expect.objectContaining({ start: expect.objectContaining({ budgets: expect.objectContaining({ maxCostMicros: 600_000 }) }) }) as never });
    given(task(1_000, { maxCostMicros: 1_000_000 })).when(costing(1, start, 1_000_000)).thenEvent({ type: 'call-refused', reasons: ['No money for models is left that another run could use.'] });
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

describe('a budget of one tool', () => {
  const spend = (amount: number) => ['spend', 'allow', { amount }] as const;
  const limited = (tools: Record<string, { maxCalls?: number; maxAmount?: number }>) => task(1_000, { tools });

  it('counts its calls, in one decision and over all, and not those of other tools', () => {
    const run = given(limited({ spend: { maxCalls: 2 } }), plan(1, [spend(1), ['lookup', 'allow'], spend(1), spend(1)]));
    run.thenEvent({ type: 'call-refused', callId: 'c1-4', reasons: ['The run may call spend 2 times, and has.'] });
    given(limited({ spend: { maxCalls: 1 } }), plan(1, [spend(1)]), tool('c1-1', succeeded(1))).when(plan(3, [spend(1)])).thenEvent({ type: 'call-refused' });
  });

  it('counts a call once that was parked and sent again', () => {
    const back = given(limited({ spend: { maxCalls: 1 } }), plan(1, [spend(7)])).when(parked('c1-1')).thenState({ used: { spend: { calls: 0, amount: 0 } } }).when(release('c1-1')).thenState({ used: { spend: { calls: 0, amount: 0 } } });
    back.when(dispatch(verdictOf('c1-1', 'allow', 'spend'))).thenState({ used: { spend: { calls: 1, amount: 7 } } });
  });

  it('counts what its calls carry together, with those that are out, and gives back what came to nothing', () => {
    const sent = given(limited({ spend: { maxAmount: 100 } }), plan(1, [spend(70), spend(31)]));
    sent.thenEvent({ type: 'call-refused', callId: 'c1-2', reasons: ["The call carries 31, and of the run's budget of 100 for spend only 30 is left."] });
    sent.when(tool('c1-1', failed)).thenState({ used: { spend: { calls: 0, amount: 0 } } });
    sent.when(tool('c1-1', inDoubt)).thenState({ used: { spend: { calls: 1, amount: 70 } } });
    sent.when(tool('c1-1', actedWithoutResult)).thenState({ used: { spend: { calls: 1, amount: 70 } } });
  });
});

describe('the budgets of runs that a run starts', () => {
  const start = ['holdfast_start_run', 'allow', { type: 'check', goal: 'Check it.' }] as const;
  const budgetsOf = (run: Specification) => run.drafts.flatMap(({ events }) => events).flatMap((event) => (event.type === 'wait-begun' && event.wait.for === 'child' ? [event.wait.start.budgets] : []));

  it('are shares of what is left, and what was not used comes back', () => {
    const two = given(task(1_000, { maxTokens: 1_002, maxAmount: 101, tools: { spend: { maxCalls: 5 } } }), plan(1, [start, start]));
    expect(budgetsOf(two)).toMatchObject([{ maxTokens: 500, maxAmount: 50, tools: { spend: { maxCalls: 2 } } }, { maxTokens: 500, maxAmount: 51, tools: { spend: { maxCalls: 3 } } }]);
    const one = two.when(child('c1-1', 'completed', 'fine', 10)).when(child('c1-2', 'completed', 'fine', 10)).thenState({ spent: { tokens: 22, amount: 10 } });
    one.when(plan(5, [['spend', 'allow', { amount: 91 }]])).thenEvent({ type: 'tool-called', amount: 91 });
  });

  it('are held while those run: the run itself cannot spend them meanwhile', () => {
    given(task(1_000, { maxAmount: 100 })).when(plan(1, [start, ['spend', 'allow', { amount: 1 }]])).thenEvent({ type: 'call-refused', callId: 'c1-2', reasons: ["The call carries 1, and of the run's budget of 100 only 0 is left."] });
  });

  it('never come to more than the run has, however many it starts and whatever it spends', () => {
    fc.assert(fc.property(fc.nat(1_000), fc.array(fc.oneof(fc.constant(start), fc.nat(600).map((amount) => ['spend', 'allow', { amount }] as const)), { minLength: 1, maxLength: 8 }), (maxAmount, wishes) => {
      const run = given(task(1_000, { maxAmount })).when(plan(1, wishes));
      const sent = run.drafts.flatMap(({ events }) => events).flatMap((event) => (event.type === 'tool-called' ? [event.amount ?? 0] : []));
      const total = [...sent, ...budgetsOf(run).map((budgets) => budgets.maxAmount ?? Number.POSITIVE_INFINITY)].reduce((sum, amount) => sum + amount, 0);
      expect(total).toBeLessThanOrEqual(maxAmount);
    }));
  });
});

describe('a budget that runs share', () => {
  const draw = { limit: 'daily', holder: 'user otto', account: 'a'.repeat(64), windowSeconds: 1, maxAmount: 100 };
  const drawing = (wishes: Parameters<typeof plan>[1], change: (judged: JudgedCall, at: number) => Partial<JudgedCall> = () => ({})): Input => {
    const input = plan(1, wishes) as Extract<Input, { fact: { kind: 'plan' } }>;
    return { ...input, judged: input.judged.map((one, at) => ({ ...one, verdict: { ...one.verdict, draws: [draw] }, ...change(one, at) })) };
  };

  it('is named by the call that takes from it, with the window of its commit, until it has nothing to give back', () => {
    const sent = given(task()).when(drawing([['pay', 'allow']]));
    sent.thenEvent({ type: 'tool-called', holds: [{ account: draw.account, window: 2, windowSeconds: 1 }] });
    sent.when(parked('c1-1')).thenState({ calls: { 'c1-1': expect.not.objectContaining({ holds: expect.anything() }) } });
  });

  it('refuses the call that it does not give enough, and no other, with its reason', () => {
    const run = given(task()).when(drawing([['pay', 'allow'], ['pay', 'allow']], (_, at) => (at === 0 ? { shortfall: 'It takes 1 call, and none is left.' } : {})));
    run.thenEvent({ type: 'call-refused', callId: 'c1-1', reasons: ['It takes 1 call, and none is left.'] }).thenEvent({ type: 'tool-called', callId: 'c1-2' });
  });

  it('ends the run whose tokens use it up, and takes an answer all the same', () => {
    const exhausted = { exhausted: 'of the 10 tokens of the budget "daily" 12 are used' };
    given(task()).when({ ...drawing([['pay', 'allow']]), ...exhausted } as Input).thenCommits(['end', 'decision-made', 'call-refused', 'run-ended']).thenState({ status: 'failed', reason: exhausted.exhausted });
    given(task()).when({ ...plan(1, []), ...exhausted } as Input).thenState({ status: 'completed' });
  });
});

describe('a run whose budgets run out', () => {
  const notices = (run: Specification) => run.drafts.flatMap(({ events }) => events).filter((event) => event.type === 'notice-given');
  const denied = (basis: number, tokens = 1, at = 2_000): Input => ({ ...plan(basis, [['pay', 'deny', { basis }]], `plan:${basis}`, tokens), at }) as Input;

  it('is told when four fifths of its steps are used, and when one answer is left', () => {
    const seven = given(task(1_000, { maxSteps: 10 }), ...[1, 2, 3, 4, 5, 6, 7].map((basis) => denied(basis)));
    expect(notices(seven)).toEqual([]);
    const eight = seven.when(denied(8));
    expect(notices(eight)).toEqual([{ type: 'notice-given', about: 'steps', used: 8, limit: 10 }]);
    const nine = eight.when(denied(9));
    expect(notices(nine)).toEqual([]);
    const ten = nine.when(denied(10)).thenCommits(['plan', 'decision-made', 'policy-checked', 'call-refused', 'notice-given']);
    expect(notices(ten)).toEqual([{ type: 'notice-given', about: 'steps', used: 10, limit: 10 }]);
    ten.when(plan(11, [])).thenState({ phase: 'ended', status: 'completed', answer: 'paid' });
    ten.when(denied(11)).thenState({ phase: 'ended', status: 'failed', reason: 'the budget of 10 steps is used up' });
  });

  it('is told of its tokens and its time, by the log alone', () => {
    const tokens = given(task(1_000, { maxTokens: 100 })).when(denied(1, 40));
    expect(notices(tokens)).toEqual([{ type: 'notice-given', about: 'tokens', used: 80, limit: 100 }]);
    const late = given(task(1_000)).when(denied(1, 1, 49_000));
    expect(notices(late)).toEqual([{ type: 'notice-given', about: 'time', used: 48, limit: 60 }]);
    expect(notices(given(task(1_000)).when(denied(1, 1, 48_999)))).toEqual([]);
  });

  it('is told once it goes on where it was paused meanwhile', () => {
    const paused = given(task(1_000, { maxTokens: 100 }), plan(1, [['pay', 'allow']], 'plan:1', 45), control('pause'), tool('c1-1', succeeded(1)));
    expect(notices(paused)).toEqual([]);
    expect(notices(paused.when(control('resume')))).toEqual([{ type: 'notice-given', about: 'tokens', used: 90, limit: 100 }]);
  });

  it('is told in time, whatever it did: before it is ended for its steps or tokens, the model has read so', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(20), { minLength: 40, maxLength: 40 }), (maxSteps, maxTokens, used) => {
      let run = given(task(1_000, { maxSteps, maxTokens }));
      const told: string[] = [];
      for (const [index, tokens] of used.entries()) {
        run = run.when(denied(index + 1, tokens));
        if (run.state.phase === 'ended') {
          const { reason } = run.state;
          // One proposal may take all of the tokens at once.
          expect(reason.includes('steps') ? told.includes('steps') : told.includes('tokens') || tokens * 2 * 5 > maxTokens).toBe(true);
          return;
        }
        told.push(...notices(run).map((notice) => (notice.type === 'notice-given' ? notice.about : '')));
      }
    }));
  });
});
