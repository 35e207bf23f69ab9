import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HistoryError, decide, evolve, fold, initialState, type FoldableCommit, type Input, type RunState } from './index.js';
import { approval, control, dispatch, failed, inDoubt, plan, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const outcomes = fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const);
const basis = fc.integer({ min: 1, max: 6 });
const callId = fc.tuple(basis, fc.integer({ min: 1, max: 2 })).map(([step, index]) => `c${step}-${index}`);

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.constant(task()),
  fc.tuple(basis, fc.array(fc.tuple(fc.constantFrom('lookup', 'pay'), outcomes), { maxLength: 2 }), fc.uuid()).map(([step, calls, id]) => plan(step, calls, id)),
  fc.tuple(callId, fc.constantFrom(succeeded(1), failed, inDoubt)).map(([call, outcome]) => tool(call, outcome)),
  fc.tuple(callId, fc.constantFrom('a', 'doubt'), fc.constantFrom('approved' as const, 'rejected' as const), fc.uuid()).map(([call, kind, answer, id]) => approval(`${kind}-${call}`, answer, id)),
  fc.tuple(callId, outcomes).map(([call, outcome]) => dispatch(verdictOf(call, outcome))),
  fc.constantFrom(timer('deadline'), timer('a-c1-1'), control('pause'), control('resume'), control('cancel')),
);

/** Decides a sequence of inputs; when `killAt` says so, the process dies after the first commit of a decision. */
function play(sequence: readonly Input[], killAt: ReadonlySet<number>): { history: FoldableCommit[]; state: RunState } {
  const history: FoldableCommit[] = [];
  let state: RunState = initialState;
  for (const [index, input] of sequence.entries()) {
    const decision = decide(state, input);
    if (decision.kind !== 'commit') continue;
    for (const draft of killAt.has(index) ? decision.drafts.slice(0, 1) : decision.drafts) {
      const commit = { ...draft, events: [...draft.events], number: history.length + 1 };
      history.push(commit);
      state = evolve(state, commit);
    }
  }
  return { history, state };
}

const kills = fc.uniqueArray(fc.nat(39)).map((indexes) => new Set(indexes));

describe('any sequence of facts, in any order, with duplicates and crashes', () => {
  it('replays to the state that was lived', () => {
    fc.assert(fc.property(fc.array(inputs, { maxLength: 40 }), kills, (sequence, killAt) => {
      const { history, state } = play([task(), ...sequence], killAt);
      expect(fold(JSON.parse(JSON.stringify(history)) as FoldableCommit[], initialState)).toEqual(JSON.parse(JSON.stringify(state)));
    }), { numRuns: 500 });
  });

  it('sends each call at most once, and only after policy allowed it', () => {
    fc.assert(fc.property(fc.array(inputs, { maxLength: 40 }), kills, (sequence, killAt) => {
      const events = play([task(), ...sequence], killAt).history.flatMap((commit) => commit.events);
      const sent = events.flatMap((event) => (event.type === 'tool-called' ? [event.callId] : []));
      expect(new Set(sent).size).toBe(sent.length);
      for (const [index, event] of events.entries()) {
        if (event.type !== 'tool-called') continue;
        const checks = events.slice(0, index).filter((earlier) => earlier.type === 'policy-checked' && earlier.verdict.callId === event.callId);
        expect(checks.at(-1)).toMatchObject({ verdict: { outcome: 'allow' } });
      }
    }), { numRuns: 500 });
  });

  it('ends at most once and has nothing after the end', () => {
    fc.assert(fc.property(fc.array(inputs, { maxLength: 40 }), kills, (sequence, killAt) => {
      const routes = play([task(), ...sequence], killAt).history.map((commit) => commit.route);
      expect(routes.slice(0, -1)).not.toContain('end');
    }), { numRuns: 500 });
  });
});

describe('a history that no orchestrator can have written', () => {
  const first = { number: 1, route: 'wait', cause: { kind: 'x', id: 'x' }, at: 1, events: [{ type: 'timer-fired', timerId: 'x' }] } as const;

  it('is refused when it does not begin with a task or leaves out a commit', () => {
    expect(() => evolve(initialState, { ...first, events: [...first.events] })).toThrow(HistoryError);
    expect(() => evolve(initialState, { ...first, events: [...first.events], number: 2 })).toThrow('commit 2 follows where commit 1 is due');
  });
});
