import type { RecordedCommit } from '@holdfast/contracts';
import type { ObservedHttp } from '../faults/http-fault.js';
import type { SuiteCase } from '../suites/suite.js';
import { scoreAnswerSchema, scoreMentions } from './answer-scorers.js';
import { scoreCalls } from './expected-calls.js';
import { checkInvariants } from './invariants.js';
import { scoreAnswer, scoreEffects, scoreHttpFaults, scoreKills, scoreNever, scoreNoMore, scorePath, scoreStatus, type KillRecord } from './scorers.js';
import type { Verdict } from './verdict.js';

type Judged = Pick<SuiteCase, 'expect' | 'faults'>;

/** All that one execution is judged by. */
export interface Evidence {
  readonly history: readonly RecordedCommit[];
  readonly kills: readonly KillRecord[];
  readonly http?: ObservedHttp | undefined;
  /** What the execution added to the world's audit. */
  readonly difference: unknown;
  /** What the run was still waiting for that only a person could give. */
  readonly held?: string | undefined;
}

/** All that is to be said of one execution, from the run's commits and what the world added to its own record. */
export function judge(given: Judged, { history, kills, http, difference, held }: Evidence): readonly Verdict[] {
  const { expect, faults } = given;
  const events = history.flatMap(({ commit }) => commit.events);
  return [
    ...(expect.judged === 'exact'
      ? [...scoreExpectation(given, events, difference), ...scoreKills(faults.kill, kills), ...scoreHttpFaults(faults.http, http?.fired ?? [])]
      : [...scoreNoMore(difference, expect.effects), ...scoreNever(events, expect.forbidden), ...(expect.judged === 'done' ? scoreExpectation(given, events, difference) : [])]),
    ...checkInvariants(history, held !== undefined),
  ];
}

/** Whether an execution did all that its case expects, faults or not. */
export function isSolved(given: Judged, { history, difference }: Evidence): boolean {
  return scoreExpectation(given, history.flatMap(({ commit }) => commit.events), difference).every(({ passed }) => passed);
}

/** Whether no fault that a case was to have came in time, so that the execution shows nothing about faults. */
export function isVoid({ faults }: Judged, { kills, http }: Evidence): boolean {
  const asked = faults.kill.length + faults.http.length;
  const came = kills.filter(({ recoveryMs }) => recoveryMs !== undefined).length + (http?.fired ?? []).filter((times) => times > 0).length;
  return asked > 0 && came === 0;
}

function scoreExpectation({ expect }: Judged, events: RecordedCommit['commit']['events'], difference: unknown): readonly Verdict[] {
  return [
    scoreStatus(events, expect.status),
    ...(expect.answer === undefined ? [] : [scoreAnswer(events, expect.answer)]),
    ...(expect.answerSchema === undefined ? [] : [scoreAnswerSchema(events, expect.answerSchema)]),
    ...scoreMentions(events, expect.mentions ?? []),
    ...(expect.calls === undefined ? [] : [scoreCalls(events, expect.calls)]),
    ...scoreEffects(difference, expect.effects),
    ...scorePath(events, expect.path),
    ...scoreNever(events, [...expect.never, ...expect.forbidden]),
  ];
}
