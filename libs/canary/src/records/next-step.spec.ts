import { describe, expect, it } from '@jest/globals';
import { canaryDeclaration, type AgentRoute, type CanaryEnd, type CanaryVerdict, type CanaryWord } from '@holdfast/contracts';
import { nextStep, type Canary, type PresentRoute } from '../index.js';

const [incumbent, candidate, third] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
const declaration = canaryDeclaration.parse({ id: 'c', agent: 'payer', candidate, percent: 10, metrics: [{ metric: 'failures' }] });
const canary = (more: Partial<Canary> = {}): Canary => ({ declared: { declaration, incumbent, seen: 7, before: [{ digest: incumbent, weight: 3 }], from: [1], by: 'alma', at: 1 }, words: [], points: [], lastWord: 0, lastEvidence: 0, ...more });
const word = (said: CanaryWord['word']): CanaryWord => ({ word: said, by: 'otto', comment: 'x', at: 2 });
const verdict = (said: CanaryVerdict['verdict']): CanaryVerdict => ({ verdict: said, reason: 'r', evidence: { pairs: 1, candidateRuns: 1, incumbentRuns: 1, metrics: [] }, at: 3 });
const end = (outcome: CanaryEnd['outcome']): CanaryEnd => ({ outcome, reason: 'r', by: 'evals', at: 4 });
const route = (sequence: number, canaryStep?: 'begun' | 'paused' | 'ended', id = 'c'): PresentRoute => ({ sequence, route: { shares: [{ digest: third, weight: 1 }], by: 'x', comment: '', at: 1, ...(canaryStep === undefined ? {} : { canary: { id, step: canaryStep } }) } satisfies AgentRoute });

describe('the next step of a canary', () => {
  it('is its route, once, in place of the one that was seen', () => {
    expect(nextStep(canary(), route(7), false)).toMatchObject({ do: 'route', seen: 7, route: { shares: [{ digest: incumbent, weight: 90 }, { digest: candidate, weight: 10 }], canary: { id: 'c', step: 'begun' } } });
    expect(nextStep(canary(), route(8, 'begun'), false)).toEqual({ do: 'nothing' });
  });

  it('is its end before its last route, and then nothing', () => {
    const ripe = canary({ verdict: verdict('roll-back') });
    expect(nextStep(ripe, route(8, 'begun'), false)).toEqual({ do: 'end', end: { outcome: 'rolled-back', reason: 'r', by: 'evals' } });
    const ended = canary({ verdict: verdict('roll-back'), end: end('rolled-back') });
    expect(nextStep(ended, route(8, 'begun'), false)).toMatchObject({ do: 'route', seen: 8, route: { shares: [{ digest: incumbent, weight: 3 }], canary: { step: 'ended' } } });
    expect(nextStep(ended, route(9, 'ended'), false)).toEqual({ do: 'nothing' });
    expect(nextStep(canary({ end: end('promoted') }), route(8, 'begun'), false)).toMatchObject({ route: { shares: [{ digest: candidate, weight: 1 }] } });
  });

  it('never replaces a route that somebody else has set, before or after its end', () => {
    expect(nextStep(canary({ verdict: verdict('promote') }), route(9), false)).toMatchObject({ do: 'end', end: { outcome: 'superseded', by: 'x' } });
    expect(nextStep(canary({ words: [word('promote')] }), route(9, 'begun', 'another'), false)).toMatchObject({ do: 'end', end: { outcome: 'superseded' } });
    expect(nextStep(canary({ end: end('superseded') }), route(9), false)).toEqual({ do: 'nothing' });
    expect(nextStep(canary({ end: end('promoted') }), route(12), false)).toEqual({ do: 'nothing' });
  });

  it('goes by people: paused it gets nothing and is not promoted, and still rolled back', () => {
    const paused = canary({ words: [word('pause')] });
    expect(nextStep(paused, route(8, 'begun'), false)).toMatchObject({ do: 'route', route: { shares: [{ digest: incumbent, weight: 100 }, { digest: candidate, weight: 0 }], canary: { step: 'paused' } } });
    expect(nextStep({ ...paused, verdict: verdict('promote') }, route(9, 'paused'), false)).toEqual({ do: 'nothing' });
    expect(nextStep({ ...paused, verdict: verdict('roll-back') }, route(9, 'paused'), false)).toMatchObject({ end: { outcome: 'rolled-back' } });
    expect(nextStep(canary({ words: [word('pause'), word('resume')] }), route(9, 'paused'), false)).toMatchObject({ route: { canary: { step: 'begun' } } });
    expect(nextStep(canary({ words: [word('abort'), word('promote')], verdict: verdict('promote') }), route(8, 'begun'), false)).toMatchObject({ end: { outcome: 'aborted', by: 'otto' } });
  });

  it('is a rollback where the candidate was revoked, whatever else is said', () => {
    expect(nextStep(canary({ words: [word('promote')], verdict: verdict('promote') }), route(8, 'begun'), true)).toMatchObject({ end: { outcome: 'rolled-back', by: 'registry' } });
  });
});
