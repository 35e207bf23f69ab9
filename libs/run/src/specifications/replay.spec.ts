import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HistoryError, awaitedBasis, evolve, fold, initialState, waitsFor, type FoldableCommit, type RunState } from '../index.js';
import { answerTo, kills, lives, play } from './sequences.fixture.js';
import { Specification, control, succeeded } from './specification.fixture.js';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const eventsOf = (history: readonly FoldableCommit[]) => history.flatMap((commit) => commit.events);

/** The states after each commit. */
function statesOf(history: readonly FoldableCommit[]): RunState[] {
  const states: RunState[] = [];
  for (const commit of history) states.push(evolve(states.at(-1) ?? initialState, commit));
  return states;
}

describe('any sequence of facts, in any order, with duplicates and crashes, from any beginning', () => {
  it('replays to the state that was lived, and every state survives JSON', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const { history, state } = play(sequence, killAt);
      expect(fold(throughJson(history) as FoldableCommit[], initialState)).toEqual(throughJson(state));
      for (const one of statesOf(history)) expect(throughJson(one)).toEqual(one);
    }), { numRuns: 500 });
  });

  it('sends each call once, and once more for each time that it was released, and only after policy allowed it', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const events = eventsOf(play(sequence, killAt).history);
      const out = new Set<string>();
      for (const event of events) {
        if (event.type === 'call-released') out.delete(event.callId);
        if (event.type !== 'tool-called' && event.type !== 'wait-begun') continue;
        expect(out).not.toContain(event.callId);
        out.add(event.callId);
      }
      for (const [index, event] of events.entries()) {
        if (event.type !== 'tool-called' && event.type !== 'wait-begun') continue;
        const checks = events.slice(0, index).filter((earlier) => earlier.type === 'policy-checked' && earlier.verdict.callId === event.callId);
        expect(checks.at(-1)).toMatchObject({ verdict: { outcome: 'allow' } });
      }
    }), { numRuns: 500 });
  });

  it('makes no call but reads where its effects are simulated, and tells of each that it was not made only after policy allowed it', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const { history } = play(sequence, killAt);
      const events = eventsOf(history);
      const [begun] = events;
      const isSimulated = begun?.type === 'run-forked' && begun.effects === 'simulated';
      for (const [index, event] of events.entries()) {
        if (event.type === 'call-simulated') {
          expect(isSimulated).toBe(true);
          expect(events.slice(0, index).findLast((earlier) => earlier.type === 'policy-checked' && earlier.verdict.callId === event.callId)).toMatchObject({ verdict: { outcome: 'allow' } });
          expect(events[index + 1]).toMatchObject({ type: 'tool-returned', callId: event.callId });
        }
        if (!isSimulated) continue;
        if (event.type === 'tool-called') expect(event.effect).toBe('read');
        if (event.type === 'wait-begun') expect(event.wait.for).not.toBe('child');
      }
      if (isSimulated) for (const { route } of history) expect(route).not.toBe('call.holdfast');
    }), { numRuns: 500 });
  });

  it('sends nothing and begins no wait while it is paused, and only undoes once it is being ended', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const now = { paused: false, ending: false };
      for (const event of eventsOf(play(sequence, killAt).history)) {
        if (event.type === 'run-paused' || event.type === 'run-resumed') now.paused = event.type === 'run-paused';
        if (event.type === 'wind-down-begun') now.ending = true;
        if (event.type !== 'tool-called' && event.type !== 'wait-begun') continue;
        expect(now.paused).toBe(false);
        expect(now.ending).toBe(event.callId.startsWith('undo-'));
      }
    }), { numRuns: 500 });
  });

  it('can be cancelled at any point: from then on it only accounts for what is out', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const run = Specification.of(play(sequence, killAt).state);
      if (run.state.phase === 'ended') return;
      const cancelled = run.when(control('cancel', 'at any point'));
      expect(cancelled.last?.kind).toBe(run.state.phase !== 'unborn' && run.state.winding !== undefined ? 'stale' : 'commit');
      expect(waitsFor(cancelled.state).every(({ for: what }) => ['adapter', 'word', 'child', 'resume', ...(run.state.phase !== 'unborn' && run.state.winding?.compensate === true ? ['policy', 'approval', 'contract'] : [])].includes(what))).toBe(true);
    }), { numRuns: 500 });
  });

  it('ends at most once and has nothing after the end', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const routes = play(sequence, killAt).history.map((commit) => commit.route);
      expect(routes.slice(0, -1)).not.toContain('end');
    }), { numRuns: 500 });
  });

  it('leaves a run that has ended or that waits for something by a name under which it can be found', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      for (const state of statesOf(play(sequence, killAt).history)) {
        const awaited = waitsFor(state);
        expect(awaited.length === 0).toBe(state.phase === 'ended');
        if (state.phase === 'unborn') continue;
        for (const one of awaited) {
          if (one.for === 'approval' || one.for === 'word') expect(state.approvals).toHaveProperty([one.approvalId]);
          if (one.for === 'time') expect(state.timers).toHaveProperty([one.timerId]);
        }
      }
    }), { numRuns: 500 });
  });

  it('asks a planner on a plan commit, and on no other', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const { history } = play(sequence, killAt);
      for (const [index, state] of statesOf(history).entries()) {
        if (history[index]?.route === 'plan') expect(awaitedBasis(state)).toBe(index + 1);
      }
    }), { numRuns: 500 });
  });

  it('brings a run to its end when what it waits for comes', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      let run = Specification.of(play(sequence, killAt).state);
      for (let turn = 0; run.state.phase !== 'ended'; turn += 1) {
        expect(turn).toBeLessThan(200);
        const [next] = waitsFor(run.state);
        if (next === undefined) throw new Error('the run waits for nothing');
        run = run.when(answerTo(next, { turn: `answer ${turn}`, wishes: [], verdict: 'allow', outcome: succeeded({ booking: { id: 'b' } }), yes: true, word: 'happened', isQuarantined: false }));
        expect(run.last?.kind).toBe('commit');
      }
    }), { numRuns: 500 });
  });

  it('asks an aborted run to undo each thing that it noted once, last things first', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const events = eventsOf(play(sequence, killAt).history);
      const asked = events.flatMap((event) => (event.type === 'compensation-asked' ? [event.compensates] : []));
      const noted = events.flatMap((event) => (event.type === 'compensation-noted' ? [event.callId] : event.type === 'run-forked' ? event.undoable.map((one) => one.callId) : []));
      const inReverse = noted.toReversed().slice(0, asked.length);
      expect(asked).toEqual(inReverse);
      if (events.some((event) => event.type === 'wind-down-begun' && event.compensate === true) && events.at(-1)?.type === 'run-ended') expect(asked).toHaveLength(noted.length);
      if (asked.length > 0) expect(events.some((event) => event.type === 'wind-down-begun' && event.compensate === true)).toBe(true);
    }), { numRuns: 500 });
  });

  it('keeps to its budgets: no more proposals are acted upon, and no more money is sent', () => {
    fc.assert(fc.property(lives, kills, (sequence, killAt) => {
      const { history, state } = play(sequence, killAt);
      if (state.phase === 'unborn') return;
      const acted = history.filter(({ events }) => events.some((event) => event.type === 'decision-made' && event.proposal.requests.length > 0) && !events.some((event) => event.type === 'run-ended' && event.reason.includes('used up')));
      expect(acted.length).toBeLessThanOrEqual(state.budgets.maxSteps);
      for (const one of statesOf(history)) if (one.phase !== 'unborn') expect(one.spent.amount - childrenOf(history)).toBeLessThanOrEqual(state.budgets.maxAmount ?? Infinity);
    }), { numRuns: 500 });
  });
});

/** What the runs that were started have spent: it is told when it is spent, and cannot be refused. */
const childrenOf = (history: readonly FoldableCommit[]): number => eventsOf(history).reduce((sum, event) => sum + (event.type === 'child-ended' ? event.usage.amount : 0), 0);

describe('a history that no orchestrator can have written', () => {
  const first = { number: 1, route: 'wait', cause: { kind: 'x', id: 'x' }, at: 1, events: [{ type: 'timer-fired', timerId: 'x' }] } as const;

  it('is refused when it does not begin with a task or leaves out a commit', () => {
    expect(() => evolve(initialState, { ...first, events: [...first.events] })).toThrow(HistoryError);
    expect(() => evolve(initialState, { ...first, events: [...first.events], number: 2 })).toThrow('commit 2 follows where commit 1 is due');
  });
});
