import { describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@holdfast/contracts';
import type { Kill } from '../suites/suite.js';
import { differenceOf } from './difference.js';
import { accepted, called, checked, ended, returned } from './history.fixture.js';
import { scoreAnswer, scoreEffects, scoreKills, scoreNever, scorePath, scoreStatus } from './scorers.js';

const paid: readonly RunEvent[] = [accepted, checked('c1-1'), called('c1-1'), returned('c1-1'), ended('{"decision":"paid","lines":[1,2]}')];
const order = (sameCall: boolean) => ({ before: { event: 'approval-answered', outcome: 'approved' } as const, after: { event: 'tool-called', tool: 'pay' } as const, sameCall });
const approved = (callId: string): RunEvent => ({ type: 'approval-answered', approvalId: `a-${callId}`, callId, answer: 'approved', by: 'ada', comment: '' });

describe('scoreStatus', () => {
  it('passes for the status that was expected', () => {
    expect(scoreStatus(paid, 'completed')).toMatchObject({ passed: true });
  });
  it('fails for another status and for a run that has not ended, with the reason', () => {
    expect(scoreStatus(paid, 'cancelled')).toEqual({ scorer: 'status', passed: false, reason: 'the run ended completed (the planner gave its answer) where cancelled was expected' });
    expect(scoreStatus(paid.slice(0, -1), 'completed')).toMatchObject({ passed: false, reason: 'the run has not ended; completed was expected' });
  });
});

describe('scoreAnswer', () => {
  it('passes for a subset of the answer and for a pattern of its text', () => {
    expect(scoreAnswer(paid, { decision: 'paid' })).toMatchObject({ passed: true });
    expect(scoreAnswer(paid, { matches: '"paid"' })).toMatchObject({ passed: true });
  });
  it('fails for another answer, none, and text where JSON was expected', () => {
    expect(scoreAnswer(paid, { decision: 'disputed' })).toMatchObject({ passed: false });
    expect(scoreAnswer(paid, { lines: [1] })).toMatchObject({ passed: false });
    expect(scoreAnswer(paid, { matches: '^refused$' })).toMatchObject({ passed: false });
    expect(scoreAnswer([ended()], { decision: 'paid' })).toMatchObject({ passed: false, reason: 'the run gave no answer' });
    expect(scoreAnswer([ended('done')], { decision: 'paid' })).toMatchObject({ passed: false, reason: expect.stringContaining('is not JSON') });
  });
});

describe('scoreEffects', () => {
  const before = { payments: [{ id: 1 }], duplicates: [], counts: { payments: 1 } };
  const after = { payments: [{ id: 1 }, { id: 2, iban: 'X' }], duplicates: [], counts: { payments: 2 } };
  const added = differenceOf(before, after);

  it('judges only what the case added', () => {
    expect(scoreEffects(added, { payments: 1, duplicates: 0, 'counts.payments': 1, 'payments.0.iban': 'X', 'payments.0': { id: 2 } }).every(({ passed }) => passed)).toBe(true);
  });
  it('fails for another number, another value and a path that the record does not have', () => {
    expect(scoreEffects(added, { payments: 2 })).toEqual([{ scorer: 'effects.payments', passed: false, reason: 'payments is 1 where 2 was expected: [{"id":2,"iban":"X"}]' }]);
    expect(scoreEffects(added, { 'payments.0.iban': 'Y', duplicates: 1, refunds: 0 }).map(({ passed }) => passed)).toEqual([false, false, false]);
    expect(scoreEffects(undefined, { payments: 0 })[0]).toMatchObject({ passed: false });
  });
  it('counts an item that was there before and has come once more', () => {
    expect(differenceOf([{ id: 1 }], [{ id: 1 }, { id: 1 }])).toEqual([{ id: 1 }]);
  });
});

describe('scorePath', () => {
  it('passes when the events occur in their order with others between', () => {
    expect(scorePath(paid, [{ event: 'policy-checked', outcome: 'allow' }, { event: 'tool-returned', tool: 'pay', outcome: 'succeeded' }])).toMatchObject([{ passed: true }]);
  });
  it('fails when one is missing, or comes too early', () => {
    expect(scorePath(paid, [{ event: 'policy-checked', outcome: 'deny' }])).toEqual([{ scorer: 'path', passed: false, reason: 'there is no policy-checked with deny' }]);
    expect(scorePath(paid, [{ event: 'tool-returned' }, { event: 'tool-called' }])).toEqual([{ scorer: 'path', passed: false, reason: 'there is no tool-called after tool-returned' }]);
    expect(scorePath(paid, [{ event: 'tool-called', where: { arguments: { invoice: 8 } } }])).toMatchObject([{ passed: false }]);
  });
  it('passes a constraint when every later event is preceded, of the same call where that is asked', () => {
    expect(scorePath([approved('c1-1'), called('c1-1')], [order(true)])).toMatchObject([{ scorer: 'order', passed: true }]);
    expect(scorePath([approved('c1-1'), called('c2-1')], [order(false)])).toMatchObject([{ passed: true }]);
  });
  it('fails a constraint when one event is not preceded, or by another call only', () => {
    expect(scorePath([called('c1-1'), approved('c1-1')], [order(false)])).toMatchObject([{ passed: false }]);
    expect(scorePath([approved('c1-1'), called('c1-1'), called('c2-1')], [order(true)])).toMatchObject([{ passed: false, reason: 'tool-called of pay (c2-1) came without approval-answered with approved before it' }]);
  });
  it('fails a constraint on something that never happened', () => {
    expect(scorePath([approved('c1-1')], [order(false)])).toMatchObject([{ passed: false }]);
  });
});

describe('scoreNever', () => {
  it('passes when nothing fits and fails when something does', () => {
    expect(scoreNever(paid, [{ event: 'call-refused' }, { event: 'tool-called', tool: 'pay', where: { arguments: { invoice: 8 } } }]).map(({ passed }) => passed)).toEqual([true, true]);
    expect(scoreNever(paid, [{ event: 'tool-called', tool: 'pay', where: { arguments: { invoice: 7 } } }])).toMatchObject([{ passed: false }]);
  });
});

describe('scoreKills', () => {
  const asked: Kill = { process: 'planner', when: { event: 'decision-made', after: 2 }, delayMilliseconds: 0, downMilliseconds: 0 };

  it('passes when the kill was made and the run went on', () => {
    expect(scoreKills([asked], [{ process: 'planner', atCommit: 3, restartMs: 900, recoveryMs: 12.4 }])).toEqual([{ scorer: 'kills', passed: true, reason: 'planner was killed at commit 3; the next commit came 12 ms later' }]);
  });
  it('fails when its moment never came, when another process was killed, and when the run made no commit after it', () => {
    expect(scoreKills([asked], [])).toMatchObject([{ passed: false, reason: 'planner was never killed: the run ended before decision-made had come 2 times' }]);
    expect(scoreKills([asked], [{ process: 'broker', atCommit: 3, restartMs: 1, recoveryMs: 1 }])).toMatchObject([{ passed: false }]);
    expect(scoreKills([asked], [{ process: 'planner', atCommit: 3, restartMs: 900 }])).toMatchObject([{ passed: false }]);
    expect(scoreKills([asked, asked], [{ process: 'planner', atCommit: 3, restartMs: 1, recoveryMs: 1 }]).map(({ passed }) => passed)).toEqual([true, false]);
  });
});
