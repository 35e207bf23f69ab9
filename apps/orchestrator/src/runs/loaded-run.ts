import { z } from 'zod';
import { digest, type Commit, type Digest, type Json, type RecordedCommit } from '@holdfast/contracts';
import { sizeOf, type AppendableDraft, type RunTail } from '@holdfast/event-log';
import { awaitedBasis, callsWith, checkpointOf, evolve, initialState, restoreCheckpoint, type FoldableCommit, type RunState } from '@holdfast/run';
import { sizeOfCommit } from './hand-on.js';

/** A run as the orchestrator holds it: the folded state, the head to append after, and what later commits answer. */
export interface LoadedRun {
  readonly state: RunState;
  /** The last commit as its successor needs it: without what it says. */
  readonly head: RecordedCommit | undefined;
  /** Hashes of the commits that a fact can answer: the awaited plan commit and the calls that are out. */
  readonly answerable: ReadonlyMap<string, Digest>;
  /** The last commits, from the last decision on: what policy has not been told of. */
  readonly recent: readonly RecordedCommit[];
  /** About how many bytes of memory it takes. */
  readonly bytes: number;
}

export const unborn: LoadedRun = { state: initialState, head: undefined, answerable: new Map(), recent: [], bytes: 0 };

/** Policy reads for itself what is more. */
const RECENT_KEPT = 8;

/** A checkpoint is due after so many commits; after as many more as the state has of these many bytes. */
const CHECKPOINT_COMMITS = 64;
const CHECKPOINT_BYTES = 65_536;
/** A state above this is not written again and again; together with its events it might not fit into one message. */
const LARGEST_CHECKPOINT = 262_144;

const answers = z.record(z.string(), digest);

/** The run after one more commit. */
export function advance(run: LoadedRun, recorded: RecordedCommit): LoadedRun {
  const { commit } = recorded;
  const decides = commit.events.some((event) => event.type === 'decision-made');
  const recent = decides ? [recorded] : [...run.recent, recorded].slice(-RECENT_KEPT);
  return made(evolve(run.state, commit), recorded, withAnswers(run.answerable, commit), recent);
}

/**
 * The run that a tail of the log shows; undefined when its checkpoint is of another release and the whole history has to be
 * folded. Throws `HistoryError` when no orchestrator can have written it.
 */
export function restore(tail: RunTail): LoadedRun | undefined {
  let run: LoadedRun = unborn;
  if (tail.checkpoint !== undefined) {
    const { recorded } = tail.checkpoint;
    const state = restoreCheckpoint(tail.checkpoint.state);
    const known = answers.safeParse((tail.checkpoint.state as { readonly answerable?: unknown }).answerable);
    if (state === undefined || !known.success) return undefined;
    run = made(state, recorded, withAnswers(new Map(Object.entries(known.data)), recorded.commit), []);
  }
  return tail.commits.reduce(advance, run);
}

/** The draft with the run's state after it, where a checkpoint is due, so that a rebuild is short however long the run is. */
export function withCheckpoint(run: LoadedRun, draft: AppendableDraft): AppendableDraft {
  const number = (run.head?.commit.number ?? 0) + 1;
  if (number % (CHECKPOINT_COMMITS * Math.max(1, Math.ceil(run.bytes / CHECKPOINT_BYTES))) !== 0 || run.bytes > LARGEST_CHECKPOINT) return draft;
  const state = evolve(run.state, { number, route: draft.route, events: [...draft.events], cause: draft.cause, at: draft.at } satisfies FoldableCommit);
  // The commit's own hash is not known yet; whoever restores adds what it answers itself.
  return { ...draft, checkpoint: { ...(checkpointOf(state) as Readonly<Record<string, Json>>), answerable: Object.fromEntries(run.answerable) } };
}

/** True when nobody of ours owes the run anything: it waits for people, for a timer or for others, or it has ended. */
export function isParked({ state }: LoadedRun): boolean {
  if (state.phase === 'unborn' || state.phase === 'ended') return true;
  return awaitedBasis(state) === undefined && callsWith(state, 'undispatched', 'called').length === 0;
}

function made(state: RunState, recorded: RecordedCommit, answerable: ReadonlyMap<string, Digest>, recent: readonly RecordedCommit[]): LoadedRun {
  const head = { sequence: recorded.sequence, commit: withoutContent(recorded.commit) };
  return { state, head, answerable, recent, bytes: sizeOf(state) + sizeOf(head) + recent.reduce((sum, handed) => sum + sizeOfCommit(handed), 0) + 128 * answerable.size };
}

/** Of a checkpoint, the next commit needs to know that there is one. */
function withoutContent(commit: Commit): Commit {
  return { ...commit, events: [], ...(commit.checkpoint === undefined ? {} : { checkpoint: null }) };
}

function withAnswers(before: ReadonlyMap<string, Digest>, commit: Commit): ReadonlyMap<string, Digest> {
  const answerable = new Map(before);
  if (commit.route === 'plan') answerable.set('plan', commit.hash);
  for (const event of commit.events) {
    if (event.type === 'tool-called' || event.type === 'doubt-resolved') answerable.set(event.callId, commit.hash);
    if (event.type === 'tool-returned' || event.type === 'call-parked' || event.type === 'call-released') answerable.delete(event.callId);
  }
  return answerable;
}
