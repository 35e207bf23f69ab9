import { UNKNOWN_READING, isAuthenticated, leastTrusted, threadLimits, writtenAfter, type Digest, type Label, type ThreadReading, type ThreadTurn } from '@holdfast/contracts';
import { PEOPLE } from '../labels.js';
import { isErased, type RunState } from '../state/state.js';

/** A run that belongs to the same thread, as its own log tells it now. */
export interface EarlierRun {
  readonly runId: string;
  readonly state: RunState;
  /** The hash of the last commit that was read. */
  readonly hash: Digest;
  /** When it was ordered to erase the data subject of its task. */
  readonly erasedAt?: number;
}

/** The runs that began in a thread before, oldest first; `omitted` earlier ones were not read. */
export interface EarlierRuns {
  readonly runs: readonly EarlierRun[];
  readonly omitted: number;
  /** When the data subject of one of those was last erased. */
  readonly erasedBefore?: number;
  /** Of each data subject of these runs, which order to erase them was the last when they were read; 0 where there was none. */
  readonly orders?: Readonly<Record<string, number>>;
}

/**
 * What a run of this requester is shown of its thread: the latest turns that fit. A run whose log does not say that it belongs
 * to the thread is passed over, whatever led to it. A run holds what it was shown under the key of its own data subject, so it is not
 * shown turns that are about another.
 */
export function threadReadingOf(thread: string, requester: string, dataSubject: string | undefined, earlier: EarlierRuns): ThreadReading {
  const { omitted } = earlier;
  const own = ofThread(thread, earlier);
  const kept = withoutErased(own, earlier).filter(({ state: { task } }) => task.dataSubject === undefined || task.dataSubject === dataSubject);
  const all = kept.map((run) => turnOf(thread, requester, run));
  let left: number = threadLimits.all;
  const first = all.findLastIndex(({ goal, answer }) => {
    left -= goal.text.length + (answer?.text.length ?? 0);
    return left < 0;
  }) + 1;
  const turns = all.slice(Math.max(first, all.length - threadLimits.turns));
  return { thread, turns, omitted: omitted + own.length - turns.length };
}

/** Whom a run is about that names nobody: whoever the last turn is about that it would be shown. */
export function dataSubjectOf(thread: string, earlier: EarlierRuns): string | undefined {
  return withoutErased(ofThread(thread, earlier), earlier).findLast(({ state: { task } }) => task.dataSubject !== undefined)?.state.task.dataSubject;
}

/** The runs of the thread; of one that is erased, only what led to it says so. */
function ofThread(thread: string, { runs }: EarlierRuns): readonly ThreadRun[] {
  return runs.filter((run): run is ThreadRun => isErased(run.state) || belongs(run.state, thread));
}

/** Neither what was erased, nor what began after it in the thread and before the erasure: that may repeat it. */
function withoutErased(runs: readonly ThreadRun[], { erasedBefore = 0 }: Pick<EarlierRuns, 'erasedBefore'>): readonly ThreadRun[] {
  let until = erasedBefore;
  return runs.filter(({ state, erasedAt }) => {
    const at = state.asked?.at ?? 0;
    if (erasedAt !== undefined && at <= erasedAt) until = Math.max(until, erasedAt);
    return at > until && !isErased(state);
  });
}

type ThreadRun = EarlierRun & { readonly state: Exclude<RunState, { phase: 'unborn' }> };

function belongs(state: RunState, thread: string): boolean {
  return state.phase !== 'unborn' && state.task.thread === thread;
}

function turnOf(thread: string, requester: string, { runId, state, hash }: ThreadRun): ThreadTurn {
  const source = `thread ${thread} run ${runId}`;
  const { task, head, read, asked } = state;
  return {
    run: { runId, number: head, hash }, requester: task.requester,
    goal: { text: cut(task.goal), label: said(asked?.label, task.requester, requester, `${source} goal`) },
    status: state.phase === 'ended' ? state.status : 'running',
    ...(state.phase === 'ended' && state.answer !== undefined ? { answer: { text: cut(state.answer), label: { ...writtenAfter(read ?? UNKNOWN_READING), source: `${source} answer` } } } : {}),
  };
}

/**
 * What an earlier goal is worth to whoever reads it now. The user's word is their own only: a colleague's is the organisation's, as
 * their signals are, and a name that nobody has authenticated makes no two goals the same person's.
 */
function said(own: Label | undefined, by: string, reader: string, source: string): Label {
  const { trust, secrecy } = own ?? { trust: 'third-party', secrecy: 'secret' };
  const isOwn = by === reader && isAuthenticated(by);
  return { trust: isOwn ? trust : leastTrusted(trust, isAuthenticated(by) ? PEOPLE.trust : 'third-party'), secrecy, source };
}

function cut(text: string): string {
  return text.length <= threadLimits.text ? text : `${text.slice(0, threadLimits.text)}… (cut: it has ${text.length} characters)`;
}
