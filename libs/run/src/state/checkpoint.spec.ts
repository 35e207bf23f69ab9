import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RECENT_KEPT, TOLD_KEPT, checkpointOf, fold, initialState, restoreCheckpoint, type Input } from '../index.js';
import { Specification, control, plan, signal, task, tool, succeeded } from '../specifications/specification.fixture.js';
import { kills, lives, play } from '../specifications/sequences.fixture.js';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a checkpoint', () => {
  it('taken after any commit of any history, with the rest folded onto it, gives the state of the whole history', () => {
    fc.assert(fc.property(lives, kills, fc.double({ min: 0, max: 1, noNaN: true }), (sequence, killAt, where) => {
      const { history, state } = play(sequence, killAt);
      const cut = Math.floor(where * history.length);
      const restored = restoreCheckpoint(throughJson(checkpointOf(fold(history.slice(0, cut), initialState))));
      if (restored === undefined) throw new Error('the checkpoint was not readable');
      expect(fold(history.slice(cut), restored)).toEqual(fold(history, initialState));
      expect(throughJson(fold(history.slice(cut), restored))).toEqual(throughJson(state));
    }), { numRuns: 500 });
  });

  it('of another version, or that is none, is not read: the caller folds the whole run', () => {
    const checkpoint = checkpointOf(Specification.given(task()).state) as Record<string, unknown>;
    for (const other of [undefined, null, 1, [], {}, { ...checkpoint, version: 2 }, { ...checkpoint, state: {} }, { ...checkpoint, state: { phase: 'planning' } }]) expect(restoreCheckpoint(other)).toBeUndefined();
  });
});

describe('what a run remembers', () => {
  it('does not grow with its steps', () => {
    const sizeAfter = (steps: number): number => {
      const lived: Input[] = [task(1_000, { maxSteps: 10_000 })];
      for (let step = 0; step < steps; step += 1) lived.push(plan(1 + step * 2, [['pay', 'allow']], `plan:${step}`.padEnd(24, '-')), tool(`c${1 + step * 2}-1`, succeeded(step), `tool:${step}`.padEnd(24, '-')));
      return JSON.stringify(checkpointOf(Specification.given(...lived).state)).length;
    };
    const short = sizeAfter(RECENT_KEPT);
    expect(sizeAfter(1_000)).toBeLessThan(short * 1.1);
  });

  it('of what people say is a bounded number of ids, and a duplicate is known until as many newer ones were folded', () => {
    const said = Array.from({ length: TOLD_KEPT + 1 }, (_, index) => signal('note', index));
    const run = Specification.given(task(), ...said);
    run.when(said.at(-1)!).thenNothing('duplicate');
    run.when(said[1]!).thenNothing('duplicate');
    expect(run.state.phase !== 'unborn' && run.state.folded.told.length).toBe(TOLD_KEPT);
  });

  it('lets no late duplicate of a control repeat it, however many steps lie between', () => {
    const steps = Array.from({ length: 40 }, (_, step) => plan(step === 0 ? 1 : 3 + step, [['pay', 'deny', { step }]], `plan:${step}`));
    Specification.given(task(1_000, { maxSteps: 100 }), control('pause', 'once'), control('resume'), ...steps).when(control('pause', 'once')).thenNothing('duplicate');
  });
});
