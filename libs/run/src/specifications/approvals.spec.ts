import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { undispatchedCalls, type CallState } from '../index.js';
import { Specification, approval, control, dispatch, inDoubt, plan, task, timer, tool, verdictOf } from './specification.fixture.js';

const { given } = Specification;

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
    const again = approved.when(dispatch(verdictOf('c1-1', 'ask'))).thenCommits(['wait', 'policy-checked', 'approval-requested', 'timer-set']).thenWaitsFor('approval:a2-c1-1');
    expect(again.state).not.toHaveProperty('calls.c1-1.approval');
  });

  it('is not asked for without end', () => {
    let run = asked;
    for (let times = 1; times < 10; times += 1) run = run.when(approval(times === 1 ? 'a-c1-1' : `a${times}-c1-1`, 'approved', `approval:${times}`)).when(dispatch(verdictOf('c1-1', 'ask'))).thenWaitsFor(`approval:a${times + 1}-c1-1`);
    run.when(approval('a10-c1-1', 'approved', 'approval:10')).when(dispatch(verdictOf('c1-1', 'ask'))).thenCommits(['plan', 'policy-checked', 'call-refused']);
  });

  describe('of two people', () => {
    const needs = { persons: 2, escalation: { afterSeconds: 5, roles: ['cfo'] } };
    const [judged] = (plan(1, [['pay', 'ask']]) as Extract<ReturnType<typeof plan>, { judged: unknown }>).judged;
    const two = given(task(), { ...plan(1, [['pay', 'ask']]), judged: [{ ...judged, verdict: { ...judged?.verdict, needs } }] } as never);
    const by = (name: string, answer: 'approved' | 'rejected' = 'approved') => { const fact = approval('a-c1-1', answer, `${answer}:${name}`); return { ...fact, fact: { ...fact.fact, by: name, roles: ['treasury'] } } as never; };

    it('counts each once, and lets the call be judged when the second has agreed', () => {
      const one = two.when(by('ada')).thenCommits(['wait', 'approval-counted']).thenWaitsFor('approval:a-c1-1');
      one.when(by('ada')).thenNothing('duplicate');
      const twice = by('ada') as { fact: object };
      one.when({ ...twice, fact: { ...twice.fact, id: 'again' } } as never).thenNothing('stale');
      const both = one.when(by('otto')).thenCommits(['wait', 'approval-answered']).thenEvent({ type: 'approval-answered', by: 'otto', roles: ['treasury'] });
      expect(undispatchedCalls(both.state)).toMatchObject([{ callId: 'c1-1', approval: { by: 'otto' } }]);
    });

    it('is over when either rejects it, or when its time is', () => {
      two.when(by('ada')).when(by('otto', 'rejected')).thenCommits(['plan', 'approval-answered', 'call-refused']);
      two.when(by('ada')).when(timer('a-c1-1')).thenCommits(['plan', 'timer-fired', 'approval-answered', 'call-refused']);
    });

    it('is brought before others after a time, once, and their timer goes with the answer', () => {
      const escalated = two.when(timer('e-a-c1-1')).thenCommits(['wait', 'timer-fired', 'approval-escalated']).thenEvent({ type: 'approval-escalated', roles: ['cfo'] }).thenWaitsFor('approval:a-c1-1');
      escalated.when(timer('e-a-c1-1')).thenNothing('duplicate');
      two.when(by('ada', 'rejected')).when(timer('e-a-c1-1')).thenNothing('duplicate');
    });
  });

  it('that changes the call, or vouches for values, approves nothing: the call is judged anew', () => {
    const ask = given(task(), plan(1, [['pay', 'ask', { to: ['a', 'b'], cents: 5, note: 'x' }]]));
    const answer = (more: object) => { const fact = approval('a-c1-1', 'approved'); return { ...fact, fact: { ...fact.fact, ...more } } as never; };
    const edited = ask.when(answer({ answer: 'edited', arguments: { to: ['a', 'c'], cents: 5, note: 'x' } })).thenCommits(['wait', 'approval-answered']).thenEvent({ type: 'approval-answered', values: [{ argument: 'to.1', value: 'c' }] });
    const [call] = undispatchedCalls(edited.state);
    expect(call).toMatchObject({ arguments: { to: ['a', 'c'] } });
    expect(call).not.toHaveProperty('approval');
    edited.when(dispatch(verdictOf('c1-1', 'ask'))).thenWaitsFor('approval:a2-c1-1');
    edited.when(dispatch(verdictOf('c1-1', 'allow'))).thenEvent({ type: 'tool-called', arguments: { to: ['a', 'c'], cents: 5, note: 'x' } });
    ask.when(answer({ answer: 'endorsed', endorse: ['cents', 'to.0', 'nothing'] })).thenEvent({ type: 'approval-answered', values: expect.arrayContaining([{ argument: 'cents', value: 5 }, { argument: 'to.0', value: 'a' }]) as never });
    given(task(), plan(1, [['pay', 'allow']]), tool('c1-1', inDoubt)).when(answer({ approvalId: 'doubt-c1-1', answer: 'edited', arguments: {} })).thenNothing('refused');
  });

  it('given for several calls at once in any order lets each call run with its own arguments alone', () => {
    fc.assert(fc.property(fc.array(fc.record({ call: fc.integer({ min: 0, max: 3 }), answer: fc.constantFrom('approved', 'rejected', 'edited'), by: fc.constantFrom('ada', 'otto') }), { maxLength: 12 }), (answers) => {
      let run = given(task(), plan(1, [0, 1, 2, 3].map((at) => ['pay', 'ask', { at }] as const)));
      const word = new Map<number, string>();
      answers.forEach(({ call, answer, by }, nth) => {
        const fact = approval(`a-c1-${call + 1}`, 'approved', `n${nth}`);
        run = run.when({ ...fact, fact: { ...fact.fact, answer, by, ...(answer === 'edited' ? { arguments: { at: call, edited: true } } : {}) } } as never);
        if (!word.has(call)) word.set(call, `${answer} ${by}`);
      });
      for (const { callId, arguments: args, approval: given_, status } of Object.values((run.state as { calls: Record<string, CallState> }).calls)) {
        const call = Number(callId.slice(-1)) - 1;
        const [answer, by] = (word.get(call) ?? 'none none').split(' ');
        expect([call, args['at'], args['edited'] === true, given_?.by, status]).toEqual([call, call, answer === 'edited', answer === 'approved' ? by : undefined, { none: 'awaiting-approval', rejected: 'settled', approved: 'undispatched', edited: 'undispatched' }[answer ?? 'none']]);
      }
    }));
  });

  it('works once', () => {
    asked.when(approval('a-c1-1', 'approved')).when(approval('a-c1-1', 'rejected', 'second')).thenNothing('stale');
  });

  it('that is rejected or not given in time refuses the call', () => {
    asked.when(approval('a-c1-1', 'rejected')).thenCommits(['plan', 'approval-answered', 'call-refused']);
    asked.when(timer('a-c1-1')).thenCommits(['plan', 'timer-fired', 'approval-answered', 'call-refused']);
  });

  it('that the run never asked for is refused', () => {
    asked.when(approval('constructor', 'approved')).thenNothing('refused');
    asked.when(approval('a-c7-7', 'approved')).thenNothing('refused');
  });

  it('leaves no timer behind once it is answered', () => {
    const approved = asked.when(approval('a-c1-1', 'approved')).thenState({ approvals: {} });
    expect(approved.state).toHaveProperty('timers', { deadline: 61_000 });
    approved.when(timer('a-c1-1')).thenNothing('duplicate');
  });

  it('is over when its call was refused because the run is being ended', () => {
    const cancelled = given(task(), plan(1, [['lookup', 'allow'], ['pay', 'ask']]), control('cancel'));
    expect(cancelled.state).toHaveProperty('approvals', {});
    cancelled.when(approval('a-c1-2', 'approved')).thenNothing('stale');
  });

  it('of several is named each by its call', () => {
    given(task(), plan(1, [['pay', 'ask'], ['pay', 'ask']])).thenStands('awaiting-approval').thenWaitsFor('approval:a-c1-1', 'approval:a-c1-2');
  });
});
