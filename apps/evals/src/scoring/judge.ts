import type { RecordedCommit } from '@holdfast/contracts';
import type { SuiteCase } from '../suites/suite.js';
import { checkInvariants } from './invariants.js';
import { scoreAnswer, scoreEffects, scoreKills, scoreNever, scorePath, scoreStatus, type KillRecord } from './scorers.js';
import type { Verdict } from './verdict.js';

/** All that is to be said of one execution, from the run's commits and what the world added to its own record. */
export function judge({ expect, faults }: Pick<SuiteCase, 'expect' | 'faults'>, history: readonly RecordedCommit[], kills: readonly KillRecord[], difference: unknown): readonly Verdict[] {
  const events = history.flatMap(({ commit }) => commit.events);
  return [
    scoreStatus(events, expect.status),
    ...(expect.answer === undefined ? [] : [scoreAnswer(events, expect.answer)]),
    ...scoreEffects(difference, expect.effects),
    ...scorePath(events, expect.path),
    ...scoreNever(events, expect.never),
    ...scoreKills(faults.kill, kills),
    ...checkInvariants(history),
  ];
}
