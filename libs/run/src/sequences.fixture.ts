import fc from 'fast-check';
import { decide, evolve, initialState, type FoldableCommit, type Input, type RunState } from './index.js';
import { approval, control, dispatch, failed, inDoubt, plan, signal, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const outcomes = fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const);
const basis = fc.integer({ min: 1, max: 6 });
const callId = fc.tuple(basis, fc.integer({ min: 1, max: 2 })).map(([step, index]) => `c${step}-${index}`);

/** Any input that a run may meet, sensible at that moment or not. */
export const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.constant(task()),
  fc.tuple(basis, fc.array(fc.tuple(fc.constantFrom('lookup', 'pay'), outcomes), { maxLength: 2 }), fc.uuid()).map(([step, calls, id]) => plan(step, calls, id)),
  fc.tuple(callId, fc.constantFrom(succeeded(1), failed, inDoubt)).map(([call, outcome]) => tool(call, outcome)),
  fc.tuple(callId, fc.constantFrom('a', 'doubt'), fc.constantFrom('approved' as const, 'rejected' as const), fc.uuid()).map(([call, kind, answer, id]) => approval(`${kind}-${call}`, answer, id)),
  fc.tuple(callId, outcomes).map(([call, outcome]) => dispatch(verdictOf(call, outcome))),
  fc.constantFrom(timer('deadline'), timer('a-c1-1'), control('pause'), control('resume'), control('cancel'), signal('note', 1)),
);

/** Decides a sequence of inputs; when `killAt` says so, the process dies after the first commit of a decision. */
export function play(sequence: readonly Input[], killAt: ReadonlySet<number>): { history: FoldableCommit[]; state: RunState } {
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

/** At which inputs the process dies half-way. */
export const kills = fc.uniqueArray(fc.nat(39)).map((indexes) => new Set(indexes));
