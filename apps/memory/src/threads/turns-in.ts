import { UNKNOWN_READING, declarations, nearest, writtenAfter, type Commit, type Label, type Reading, type RecordedCommit, type RunEvent } from '@holdfast/contracts';
import type { RunSubjectEntity } from '../forgetting/forgetting.entities.js';
import type { ThreadTurnEntity } from './thread-turn.entity.js';

type Begun = Pick<ThreadTurnEntity, 'tenant' | 'runId' | 'thread' | 'requester' | 'goal' | 'goalTrust' | 'goalSecrecy' | 'askedAt'>;
type Ended = Pick<ThreadTurnEntity, 'tenant' | 'runId' | 'status' | 'answer' | 'answerTrust' | 'answerSecrecy'> & { readonly endedAt: Date };

/** What commits say of threads: turns that begin, and turns that end. */
export interface TurnsIn {
  readonly begun: readonly Begun[];
  readonly ended: readonly Ended[];
  /** Whose personal data runs are about that begin, of a thread or not. */
  readonly subjects: readonly RunSubjectEntity[];
}

/** What nobody labelled is anybody's text and may be secret. */
const UNLABELLED: Reading = { trust: 'third-party', secrecy: 'secret' };

/** Everything that the projection takes from these commits; pure, so that the same log always gives the same rows. */
export function turnsIn(commits: readonly RecordedCommit[]): TurnsIn {
  const placed = commits.flatMap(({ commit }) => commit.events.map((event) => ({ commit, event })));
  return { begun: placed.flatMap(({ commit, event }) => begunBy(commit, event)), subjects: placed.flatMap(({ commit, event }) => subjectsBy(commit, event)), ended: placed.flatMap(({ commit, event }) => endedBy(commit, event)) };
}

function begunBy({ tenant, runId, at }: Commit, event: RunEvent): readonly Begun[] {
  if ((event.type !== 'task-accepted' && event.type !== 'run-forked') || event.task.thread === undefined) return [];
  const { task: { thread, requester, goal } } = event;
  const { trust, secrecy }: Reading | Label = nearest(declarations(event.labels), ['goal']) ?? UNLABELLED;
  return [{ tenant, runId, thread, requester: storable(requester), goal: storable(goal), goalTrust: trust, goalSecrecy: secrecy, askedAt: new Date(at) }];
}

function subjectsBy({ tenant, runId, at, number }: Commit, event: RunEvent): readonly RunSubjectEntity[] {
  if (event.type === 'content-erased' && number === 1) return [{ tenant, runId, dataSubject: event.dataSubject, begunAt: new Date(at) }];
  if ((event.type !== 'task-accepted' && event.type !== 'run-forked') || event.task.dataSubject === undefined) return [];
  return [{ tenant, runId, dataSubject: event.task.dataSubject, begunAt: new Date(at) }];
}

function endedBy({ tenant, runId, at }: Commit, event: RunEvent): readonly Ended[] {
  if (event.type !== 'run-ended' || event.thread === undefined) return [];
  const { status, answer, read } = event;
  const { trust, secrecy } = writtenAfter(read ?? UNKNOWN_READING);
  return [{ tenant, runId, status, endedAt: new Date(at), ...(answer === undefined ? { answer: null, answerTrust: null, answerSecrecy: null } : { answer: storable(answer), answerTrust: trust, answerSecrecy: secrecy }) }];
}

/** Postgres stores no NUL character and no half of a surrogate pair. The log keeps what was said; here a sign stands for it. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\u2400').toWellFormed();
}
