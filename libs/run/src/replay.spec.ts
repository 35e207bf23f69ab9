import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HistoryError, evolve, fold, initialState, type FoldableCommit } from './index.js';
import { inputs, kills, play } from './sequences.fixture.js';
import { task } from './specification.fixture.js';

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
