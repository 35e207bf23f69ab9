import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '@holdfast/contracts';
import { Specification, approval, failed, inDoubt, plan, resolution, signal, succeeded, task, timer, tool } from './specification.fixture.js';

const { given } = Specification;

/** A call with what comes of it; `refused` by policy where nothing is said. */
type Done = readonly [tool: string, given: Record<string, unknown>, result?: unknown];

/** One step after the other: what is asked for in each, and what comes of it. */
function stepped(run: Specification, ...steps: readonly (readonly Done[])[]): Specification {
  return steps.reduce((before, done) => {
    if (before.state.phase !== 'planning') return before;
    const { basis } = before.state;
    const planned = before.when(plan(basis, done.map(([name, arguments_, result]) => [name, result === undefined ? 'deny' : 'allow', arguments_] as const)));
    return done.reduce((run, [, , result], index) => (result === undefined ? run : run.when(tool(`c${basis}-${index + 1}`, result === 'failed' ? failed : succeeded(result)))), planned);
  }, run);
}

const patient = (maxRepeats?: number) => given(task(1_000, { maxSteps: 1_000, deadlineSeconds: 1_000, ...(maxRepeats === undefined ? {} : { maxRepeats }) }));
const look = (result: unknown = 'open'): readonly Done[] => [['lookup', { invoice: 7 }, result]];
const times = <T>(count: number, what: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => what(index));
const told = (run: Specification) => run.drafts.flatMap(({ events }) => events).filter((event) => event.type === 'notice-given');

describe('a run that goes in circles', () => {
  it('is told so the third time, and ended the fifth, with an explanation and without asking the model again', () => {
    const third = stepped(patient(), ...times(3, () => look()));
    expect(told(third)).toEqual([{ type: 'notice-given', about: 'repetition', used: 3, limit: 5 }]);
    const fourth = stepped(third, look());
    expect(told(fourth)).toEqual([]);
    stepped(fourth, look()).thenCommits(['end', 'tool-returned', 'observation-recorded', 'run-ended']).thenState({ status: 'failed', reason: 'the run goes in circles: it did the same 5 times one after the other, with the same result each time' });
  });

  it('is known by its calls and their results, and not by how the members of an object are ordered, nor by which call answers first', () => {
    const two = (swapped: boolean): Specification => stepped(patient(), ...times(5, (index) => {
      const calls: Done[] = [['lookup', index % 2 === 0 ? { a: 1, b: 2 } : { b: 2, a: 1 }, { x: 1, y: [2] }], ['pay', { invoice: 7 }, 'done']];
      return swapped && index % 2 === 1 ? calls.toReversed() : calls;
    }));
    for (const swapped of [false, true]) two(swapped).thenState({ phase: 'ended', status: 'failed' });
  });

  it('may take turns among a few steps', () => {
    const circle = [look('a'), look('b'), [['pay', { invoice: 8 }, 'failed']] as const];
    const four = stepped(patient(), ...times(12, (index) => circle[index % 3] ?? []), ...circle.slice(0, 2));
    four.thenState({ phase: 'planning' });
    stepped(four, circle[2] ?? []).thenState({ phase: 'ended', reason: 'the run goes in circles: it did the same 3 steps 5 times one after the other, with the same result each time' });
  });

  it('may ask for what is refused again and again, whatever the refusals say', () => {
    stepped(patient(), ...times(5, () => [['pay', { invoice: 7 }] as const])).thenCommits(['end', 'decision-made', 'policy-checked', 'call-refused', 'run-ended']);
  });

  it('may be refused by a person each time', () => {
    const rejected = times(5, (index) => index).reduce((run) => {
      const basis = run.state.phase === 'planning' ? run.state.basis : 0;
      return run.when(plan(basis, [['pay', 'ask']])).when(approval(`a-c${basis}-1`, 'rejected', `no:${basis}`));
    }, patient());
    rejected.thenState({ phase: 'ended', status: 'failed' });
  });

  it('is ended sooner or later as its agent says', () => {
    stepped(patient(3), ...times(3, () => look())).thenState({ phase: 'ended' });
    stepped(patient(30), ...times(29, () => look())).thenState({ phase: 'planning' });
  });
});

describe('a run that repeats itself', () => {
  it('is left alone where something else comes of it', () => {
    stepped(patient(), ...times(40, (index) => look({ left: 40 - index }))).thenState({ phase: 'planning' });
  });

  it('begins to be counted anew when somebody tells it something', () => {
    const four = stepped(patient(), ...times(4, () => look())).when(signal('news'));
    stepped(four, ...times(4, () => look())).thenState({ phase: 'planning' });
  });

  it('begins to be counted anew when it has waited: then it only looks again', () => {
    const run = times(8, (index) => index).reduce((before) => {
      const basis = before.state.phase === 'planning' ? before.state.basis : 0;
      return stepped(before.when(plan(basis, [['holdfast_wait_signal', 'allow', { name: 'go', timeoutSeconds: 5 }]])).when(timer(`w-c${basis}-1`)), look());
    }, patient());
    run.thenState({ phase: 'planning', steps: 16 });
  });

  it('is judged by what came of a call in the end, and not by its doubt', () => {
    const run = times(4, (index) => index).reduce((before) => {
      const basis = before.state.phase === 'planning' ? before.state.basis : 0;
      const callId = `c${basis}-1`;
      return before.when(plan(basis, [['pay', 'allow']])).when(tool(callId, inDoubt)).when(resolution(callId, 'happened', { id: `word:${basis}` })).when(tool(callId, succeeded({ paid: basis }), `told:${basis}`));
    }, patient());
    run.thenState({ phase: 'planning', steps: 4 });
  });

  it('is ended exactly when it has done the same steps as often as it may, whatever it did before', () => {
    const doing = fc.tuple(fc.constantFrom('lookup', 'pay'), fc.constantFrom({ invoice: 1 }, { invoice: 2 }), fc.constantFrom(undefined, 'failed', 1, { a: 1 }));
    const block = fc.tuple(fc.array(fc.array(doing, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 4 })).map(([steps, again]) => times(again, () => steps).flat());
    fc.assert(fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), fc.integer({ min: 3, max: 5 }), (blocks, maxRepeats) => {
      const written: string[] = [];
      let run = patient(maxRepeats);
      for (const step of blocks.flat()) {
        run = stepped(run, step as readonly Done[]);
        written.push(canonicalJson(step.map((done) => canonicalJson(done)).toSorted()));
        const isCircle = [1, 2, 3, 4].some((period) => written.length >= period * maxRepeats && written.slice(-period * maxRepeats).every((one, at, last) => at < period || one === last[at - period]));
        expect(run.state.phase).toBe(isCircle ? 'ended' : 'planning');
        if (isCircle) return;
      }
    }), { numRuns: 300 });
  });

  it('never is while each step brings something that it did not have', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('lookup', 'pay'), { maxLength: 60 }), (tools) => {
      stepped(patient(3), ...tools.map((name, index): readonly Done[] => [['lookup', {}, 'same'], [name, {}, index]])).thenState({ phase: 'planning' });
    }), { numRuns: 50 });
  });

  it('keeps no more of its past than it needs', () => {
    const { state } = stepped(patient(), ...times(100, (index) => look(index)));
    expect(state).toMatchObject({ repeats: { calls: [] } });
    expect(JSON.stringify(state.phase === 'planning' ? state.repeats : {}).length).toBeLessThan(400);
  });
});
