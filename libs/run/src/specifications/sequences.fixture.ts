import fc from 'fast-check';
import { decide, evolve, initialState, waitsFor, type Awaited, type FoldableCommit, type Input, type RunState } from '../index.js';
import { approval, child, control, dispatch, failed, fork, inDoubt, mayBeRetried, originOf, parked, plan, planning, plannedTask, release, resolution, signal, simulated, stall, succeeded, task, timer, tool, verdictOf } from './specification.fixture.js';

const outcomes = fc.constantFrom('allow' as const, 'allow' as const, 'allow' as const, 'ask' as const, 'deny' as const);
const basis = fc.integer({ min: 1, max: 8 });
const callId = fc.tuple(basis, fc.integer({ min: 1, max: 3 }), fc.constantFrom('', '', 'undo-')).map(([step, index, undo]) => `${undo}c${step}-${index}`);
const start = { type: 'check', goal: 'Check it.' };
/** What a planner may give out as its plan. */
const plans = fc.oneof(
  fc.array(fc.subarray(['lookup', 'pay', 'book', 'spend']), { minLength: 1, maxLength: 3 }),
  fc.constantFrom('no plan', '{}', '{"steps":[{"intention":"steal","tools":["unknown"]}]}', '{"steps":[{"intention":"look","tools":["lookup"],"after":[1]}]}'),
);

const wishes = fc.tuple(
  fc.constantFrom<readonly [string, Record<string, unknown>?]>(
    ['lookup'], ['pay'], ['book'], ['book'], ['spend', { amount: 40 }], ['holdfast_wait', { seconds: 5 }], ['holdfast_wait', {}], ['holdfast_wait_signal', { name: 'note' }],
    ['holdfast_wait_signal', { name: 'go', timeoutSeconds: 9 }], ['holdfast_start_run', start],
    ['holdfast_abort', { reason: 'it cannot be done' }],
  ),
  outcomes,
).map(([[name, given], outcome]) => [name, outcome, ...(given === undefined ? [] : [given])] as const);

/** Any fact that may reach a run, sensible at that moment or not. */
const anyInput: fc.Arbitrary<Input> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(basis, fc.array(wishes, { maxLength: 3 }), fc.uuid()).map(([step, calls, id]) => plan(step, calls as never, id)) },
  { weight: 2, arbitrary: fc.tuple(basis, plans, fc.uuid()).map(([step, steps, id]) => planning(step, steps, id)) },
  { weight: 4, arbitrary: fc.tuple(callId, fc.constantFrom(succeeded(1), succeeded({ booking: { id: 'b' } }), { ...succeeded({ booking: { id: 'b' } }), replayed: true } as never, failed, inDoubt, mayBeRetried), fc.option(basis, { nil: undefined })).map(([call, outcome, commit]) => tool(call, outcome, `tool:${call}`, commit)) },
  { weight: 3, arbitrary: fc.tuple(callId, fc.constantFrom('happened' as const, 'did-not-happen' as const, 'retry' as const), fc.uuid()).map(([call, said, id]) => resolution(call, said, { id })) },
  { weight: 2, arbitrary: fc.tuple(callId, fc.integer({ min: 1, max: 3 }), fc.option(basis, { nil: undefined })).map(([call, quarantine, commit]) => parked(call, quarantine, commit)) },
  { weight: 2, arbitrary: fc.tuple(callId, fc.integer({ min: 1, max: 3 })).map(([call, quarantine]) => release(call, quarantine)) },
  { weight: 3, arbitrary: fc.tuple(callId, fc.constantFrom('a', 'doubt'), fc.constantFrom('approved' as const, 'rejected' as const), fc.uuid()).map(([call, kind, answer, id]) => approval(`${kind}-${call}`, answer, id)) },
  { weight: 3, arbitrary: fc.tuple(callId, outcomes, fc.constantFrom('pay', 'unbook', 'holdfast_wait')).map(([call, outcome, name]) => dispatch(verdictOf(call, outcome, name))) },
  { weight: 2, arbitrary: fc.tuple(callId, fc.constantFrom('completed' as const, 'failed' as const, 'refused' as const)).map(([call, status]) => child(call, status, 'done')) },
  { weight: 2, arbitrary: fc.tuple(callId, fc.constantFrom('a', 'w')).map(([call, kind]) => timer(`${kind}-${call}`)) },
  { weight: 1, arbitrary: fc.tuple(basis, fc.constantFrom('model.refused' as const, 'model.silent' as const)).map(([step, code]) => stall(step, code)) },
  { weight: 2, arbitrary: fc.constantFrom(task(), timer('deadline'), signal('note', 1), signal('note', 2), signal('go')) },
);

/** An input, or one that is chosen when its turn comes: something that the run waits for, or something that came before. */
export type Move = (state: RunState, before: readonly Input[]) => Input;

const variant = fc.record({ turn: fc.uuid(), steps: fc.option(plans, { freq: 4, nil: undefined }), which: fc.nat(), wishes: fc.oneof({ weight: 9, arbitrary: fc.array(wishes, { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: fc.constant([]) }), verdict: outcomes, outcome: fc.constantFrom(succeeded({ booking: { id: 'b' } }), succeeded(1), failed, inDoubt, mayBeRetried), yes: fc.boolean(), word: fc.constantFrom('approval' as const, 'happened' as const, 'did-not-happen' as const, 'retry' as const), isQuarantined: fc.boolean() });

export type Variant = typeof variant extends fc.Arbitrary<infer T> ? T : never;

/** What the awaited party may say. */
export function answerTo(awaited: Awaited, { turn, steps, wishes: wanted, verdict, outcome, yes, word, isQuarantined }: Omit<Variant, 'which' | 'steps'> & Partial<Pick<Variant, 'steps'>>): Input {
  switch (awaited.for) {
    case 'task': return task();
    case 'planner': return steps !== undefined ? planning(awaited.basis, steps, `plan:${turn}`) : plan(awaited.basis, wanted as never, `plan:${turn}`);
    case 'policy': return dispatch(verdictOf(awaited.callId, verdict, awaited.tool));
    case 'approval':
      return approval(awaited.approvalId, yes ? 'approved' : 'rejected', `approval:${turn}`);
    case 'word':
      return word === 'approval' ? approval(awaited.approvalId, yes ? 'approved' : 'rejected', `approval:${turn}`) : resolution(awaited.callId, word, { id: `resolution:${turn}`, approvalId: awaited.approvalId });
    case 'contract': return release(awaited.callId, awaited.quarantine, `release:${turn}`);
    case 'adapter': return isQuarantined ? { ...parked(awaited.callId), fact: { ...parked(awaited.callId).fact, id: `parked:${turn}` } as never } : tool(awaited.callId, outcome, `tool:${turn}`);
    case 'time': return timer(awaited.timerId);
    case 'signal': return signal(awaited.name, turn, `signal:${turn}`);
    case 'child': return child(awaited.callId, yes ? 'completed' : 'failed', 'done');
    case 'resume': return control('resume', `resume:${turn}`);
  }
}

export const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: variant.map((chosen): Move => (state) => {
    const awaited = waitsFor(state);
    const one = awaited[chosen.which % Math.max(1, awaited.length)];
    return one === undefined ? task() : answerTo(one, chosen);
  }) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('pause' as const, 'resume' as const, 'cancel' as const, 'abort' as const, 'abort' as const), fc.constantFrom('1', '2')).map(([action, id]): Move => () => control(action, `${action}:${id}`)) },
  { weight: 3, arbitrary: anyInput.map((input): Move => () => input) },
  { weight: 2, arbitrary: fc.nat().map((which): Move => (_state, before) => before[which % before.length] ?? task()) },
);

/** Decides a sequence of moves; when `killAt` says so, the process dies after the first commit of a decision. */
export function play(sequence: readonly Move[], killAt: ReadonlySet<number>): { history: FoldableCommit[]; state: RunState } {
  const history: FoldableCommit[] = [];
  const before: Input[] = [];
  let state: RunState = initialState;
  for (const [index, move] of sequence.entries()) {
    const input = move(state, before);
    before.push(input);
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

const first = (input: Input): Move => () => input;

/** How a run may begin: with a task, or where another stood, whatever had happened there. */
const beginnings: fc.Arbitrary<Move> = fc.oneof(
  fc.constantFrom(first(task()), first(task(1_000, { maxSteps: 40, maxTokens: 30, maxAmount: 100 })), first(task(1_000, { maxSteps: 40 })), first(plannedTask({ maxSteps: 40, maxReplans: 2 })), first(plannedTask({ maxSteps: 40 }))),
  fc.tuple(fc.array(moves, { maxLength: 20 }), fc.constantFrom('fork' as const, 'retry' as const), fc.boolean()).map(([sequence, mode, isSimulated]) => first((isSimulated ? simulated : fork)(mode, originOf(play([first(task(1_000, { maxSteps: 40 })), ...sequence], new Set()).state, true)))),
);

/** A run's whole life: any beginning, then any facts in any order, with duplicates. */
export const lives: fc.Arbitrary<readonly Move[]> = fc.tuple(beginnings, fc.array(moves, { maxLength: 40 })).map(([begin, rest]) => [begin, ...rest]);
