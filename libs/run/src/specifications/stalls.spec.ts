import { describe, expect, it } from '@jest/globals';
import { waitsFor } from '../index.js';
import { Specification, plan, signal, stall, task, timer } from './specification.fixture.js';

const { given } = Specification;

describe('a run whose planner gets no answer of a model', () => {
  it('says why, and still waits for the same proposal', () => {
    given(task()).when(stall(1)).thenCommits(['wait', 'model-failed']).thenEvent({ type: 'model-failed', basis: 1, code: 'model.refused', message: 'The key was refused.' }).thenStands('planning');
    const { state } = given(task(), stall(1), stall(1, 'model.silent'));
    expect(waitsFor(state)).toEqual([{ for: 'planner', basis: 1, faults: ['model.refused', 'model.silent'] }]);
    given(task(), stall(1)).when(plan(1, [['pay', 'allow']])).thenState({ phase: 'acting' });
  });

  it('says it once for each reason, however often it is told', () => {
    const run = given(task(), stall(1), stall(1, 'model.silent'));
    run.when(stall(1)).thenNothing('duplicate');
    run.when(stall(1, 'model.refused', 'another id')).thenNothing('duplicate');
  });

  it('says it again for another step, and nothing of one that is past or has not begun', () => {
    const run = given(task(), stall(1), plan(1, [['pay', 'deny']]));
    expect(waitsFor(run.state)).toEqual([{ for: 'planner', basis: 3 }]);
    run.when(stall(3)).thenCommits(['wait', 'model-failed']);
    run.when(stall(1, 'model.timeout')).thenNothing('stale');
    run.when(stall(4)).thenNothing('stale');
    given(task(), plan(1, [])).when(stall(1)).thenNothing('stale');
    given(task(), plan(1, [['pay', 'allow']])).when(stall(1)).thenNothing('stale');
  });

  it('is ended by its deadline with that reason, and with none where it was answered in the end', () => {
    given(task(), stall(1), stall(1, 'model.silent')).when(timer('deadline')).thenState({ status: 'failed', reason: 'the deadline of 60 s has passed while no model answered (model.refused, model.silent)' });
    given(task(), stall(1), plan(1, [['pay', 'deny']])).when(timer('deadline')).thenState({ status: 'failed', reason: 'the deadline of 60 s has passed' });
  });

  it('hears a signal all the same', () => {
    given(task(), stall(1)).when(signal('hurry')).thenCommits(['wait', 'signal-received']);
  });
});
