import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';
import type { StoredRun } from '@holdfast/event-log';
import { PublicView } from '../runs/public-event.js';
import { explain, type WhyMeans, type WhyQuestion } from './why.js';
import type { Why, WhyOrigin } from './why.schema.js';

/** Runs that started or were forked into one another are followed this far back. */
const FURTHEST = 16;

/** A run, and what of it led to the run before in the list. */
interface Origin {
  readonly told: Omit<WhyOrigin, 'holds' | 'why'>;
  readonly question: WhyQuestion;
  readonly run: StoredRun;
}

/**
 * Walks the causal chain through the run and on into the runs from which it came: the one that started it, or at which it was
 * forked, and so on. Whether a run of which another says that it came from it says the same is looked at too. Throws what
 * {@link explain} throws of the first.
 */
export async function explainThroughRuns(run: StoredRun, question: WhyQuestion, read: (runId: string) => Promise<StoredRun>, means: Pick<WhyMeans, 'operationKeyOf'> = {}): Promise<Why> {
  const runId = run.key.runId;
  const origins: Origin[] = [];
  const seen = new Set([runId]);
  for (let [id, { commits }] = [runId, run]; origins.length < FURTHEST;) {
    const begun = beginningOf(commits);
    if (begun === undefined || seen.has(begun.told.runId)) break;
    seen.add(begun.told.runId);
    const from = await read(begun.told.runId);
    const problem = contradiction(id, begun, from, commits);
    origins.push({ ...begun, told: { ...begun.told, ...(problem === undefined ? {} : { problem }) }, run: from });
    [id, { commits }] = [begun.told.runId, from];
  }
  // What one run keeps secret may be repeated in any that came of it, and the other way round.
  const view = new PublicView();
  for (const { commits } of [run, ...origins.map((origin) => origin.run)]) for (const { commit } of commits) view.learn(commit);
  const inRun = explain(run.commits, question, { ...means, view, unreadable: run.unreadable });
  return { ...inRun, origins: origins.map((origin) => told(origin, { ...means, view, unreadable: origin.run.unreadable })) };
}

function beginningOf([first]: readonly RecordedCommit[]): Omit<Origin, 'run'> | undefined {
  for (const event of first?.commit.events ?? []) {
    if (event.type === 'task-accepted' && event.parent !== undefined) return { told: { relation: 'started-by', ...event.parent }, question: { effect: event.parent.callId } };
    if (event.type !== 'run-forked') continue;
    const { origin, by, reason } = event;
    return { told: { relation: 'forked-from', runId: origin.runId, commit: origin.number, by, reason }, question: { commit: origin.number } };
  }
  return undefined;
}

/** What the other run says otherwise; undefined where both say the same. */
function contradiction(runId: string, { told: { relation, callId, commit } }: Omit<Origin, 'run'>, { commits }: StoredRun, own: readonly RecordedCommit[]): string | undefined {
  if (commits.length === 0) return 'the log has no such run';
  if (relation === 'started-by') {
    const started = commits.some((recorded) => recorded.commit.events.some((event) => event.type === 'wait-begun' && event.callId === callId && event.wait.for === 'child' && event.wait.runId === runId));
    return started ? undefined : `its call ${callId} did not start run ${runId}`;
  }
  const forked = own[0]?.commit.events.find((event) => event.type === 'run-forked');
  return commits.find((recorded) => recorded.commit.number === commit)?.commit.hash === forked?.origin.hash ? undefined : `its commit ${commit} is not the one at which run ${runId} began`;
}

function told({ told: origin, question, run }: Origin, means: WhyMeans): WhyOrigin {
  const scrubbed = means.view?.scrub(origin) as Origin['told'];
  try {
    return { ...scrubbed, holds: origin.problem === undefined, why: explain(run.commits, question, means) };
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.retryable) throw error;
    return { ...scrubbed, holds: origin.problem === undefined, problem: origin.problem ?? error.message };
  }
}
