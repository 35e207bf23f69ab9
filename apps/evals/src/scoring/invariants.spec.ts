import { describe, expect, it } from '@jest/globals';
import type { RecordedCommit, RunEvent } from '@holdfast/contracts';
import { accepted, called, checked, decided, ended, goodHistory, historyOf, returned } from './history.fixture.js';
import { checkInvariants } from './invariants.js';

const broken = (history: readonly RecordedCommit[]): readonly string[] => checkInvariants(history).filter(({ passed }) => !passed).map(({ scorer }) => scorer);
const reasons = (history: readonly RecordedCommit[]): string => checkInvariants(history).filter(({ passed }) => !passed).map(({ reason }) => reason).join('; ');

describe('the invariants of every run', () => {
  it('hold for an ordinary run and say what they looked at', () => {
    expect(checkInvariants(goodHistory())).toEqual([
      { scorer: 'invariant.chain', passed: true, reason: '4 commits, each bound to the one before' },
      { scorer: 'invariant.ended', passed: true, reason: 'replay arrives at "ended" (completed)' },
      { scorer: 'invariant.permitted', passed: true, reason: 'policy allowed each of 1 calls before it was made' },
      { scorer: 'invariant.once', passed: true, reason: 'none of 1 changing calls succeeded twice' },
      { scorer: 'invariant.accounted', passed: true, reason: 'the log holds the outcome of every call' },
    ]);
  });

  it('fail when the log has nothing of the run', () => {
    expect(broken([])).toEqual(['invariant.chain', 'invariant.ended']);
  });

  it('fail when a field was altered after it was written', () => {
    const history = goodHistory().map((recorded, index) => (index === 2 ? { ...recorded, commit: { ...recorded.commit, at: 1 } } : recorded));
    expect(broken(history)).toEqual(['invariant.chain']);
    expect(reasons(history)).toContain('commit 3: a field was altered');
  });

  it('fail when a commit is missing', () => {
    expect(broken(goodHistory().filter((_, index) => index !== 2))).toEqual(['invariant.chain', 'invariant.ended', 'invariant.accounted']);
  });

  it('fail when the run was left open', () => {
    expect(broken(goodHistory().slice(0, 3))).toEqual(['invariant.ended']);
    expect(reasons(goodHistory().slice(0, 3))).toContain('arrives at "planning"');
  });

  it('fail when a call was made that policy was not asked about, refused, or allowed for another call only', () => {
    const run = (...before: readonly RunEvent[]): RecordedCommit[] => historyOf([accepted], [decided(1, 'pay'), ...before, called('c1-1')], [returned('c1-1')], [ended()]);
    expect(broken(run())).toEqual(['invariant.permitted']);
    expect(broken(run(checked('c1-1', 'deny')))).toEqual(['invariant.permitted']);
    expect(broken(run(checked('c1-1', 'allow'), checked('c1-1', 'ask')))).toEqual(['invariant.permitted']);
    expect(reasons(run(checked('c9-1')))).toContain('pay (c1-1) was called though policy had not been asked');
  });

  it('fail when policy was asked after the call', () => {
    expect(broken(historyOf([accepted], [decided(1, 'pay'), called('c1-1'), checked('c1-1')], [returned('c1-1')], [ended()]))).toEqual(['invariant.permitted']);
  });

  it('fail when a changing call succeeded twice, and not when a read did', () => {
    expect(broken(historyOf([accepted], [decided(1, 'pay'), checked('c1-1'), called('c1-1')], [returned('c1-1'), returned('c1-1')], [ended()]))).toEqual(['invariant.once']);
    expect(broken(historyOf([accepted], [decided(1, 'look'), checked('c1-1', 'allow', 'look'), called('c1-1', 'look', 'read')], [returned('c1-1', 'succeeded', 'look'), returned('c1-1', 'succeeded', 'look')], [ended()]))).toEqual([]);
    expect(broken(historyOf([accepted], [decided(1, 'pay'), checked('c1-1'), called('c1-1')], [returned('c1-1', 'in-doubt')], [returned('c1-1')], [ended()]))).toEqual([]);
  });

  it('fail when a call never came back, or only in doubt', () => {
    expect(broken(historyOf([accepted], [decided(1, 'pay'), checked('c1-1'), called('c1-1')], [ended()]))).toEqual(['invariant.accounted']);
    expect(broken(historyOf([accepted], [decided(1, 'pay'), checked('c1-1'), called('c1-1')], [returned('c1-1', 'in-doubt')], [ended()]))).toEqual(['invariant.accounted']);
  });
});
