import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import { PublicView } from './public-event.js';
import type { RunHistories } from './run-histories.js';

/** Forks of forks are followed this far back. */
const FURTHEST = 16;

/** A run with the part of its history that counts for the run that was looked at. */
export interface Ancestor {
  readonly runId: string;
  readonly history: readonly RecordedCommit[];
}

/** The runs at which a run began, the first of all first, each up to the commit at which the next one left it; and the run itself, whole. */
export async function lineageOf(histories: RunHistories, key: RunKey): Promise<readonly Ancestor[]> {
  return before(histories, key, await histories.read(key));
}

/** A view for this run's events that knows what the runs at which it began call secret, all of which it may repeat. */
export async function freshView(histories: Pick<RunHistories, 'find'>, key: RunKey, history: readonly RecordedCommit[]): Promise<PublicView> {
  return originOf(history) === undefined ? new PublicView() : viewOf((await before(histories, key, history)).slice(0, -1));
}

async function before(histories: Pick<RunHistories, 'find'>, key: RunKey, own: readonly RecordedCommit[]): Promise<readonly Ancestor[]> {
  const lineage: Ancestor[] = [{ runId: key.runId, history: own }];
  for (;;) {
    const [first] = lineage;
    const origin = originOf(first?.history ?? []);
    if (origin === undefined || lineage.length > FURTHEST || lineage.some(({ runId }) => runId === origin.runId)) return lineage;
    const history = (await histories.find({ tenant: key.tenant, runId: origin.runId }, origin.number)).slice(0, origin.number);
    if (history.at(-1)?.commit.hash !== origin.hash) return lineage;
    lineage.unshift({ runId: origin.runId, history });
  }
}

/** A view that knows the secrets of all that the run goes on with: what a fork says may repeat what its origin had read. */
export function viewOf(lineage: readonly Ancestor[], view = new PublicView()): PublicView {
  for (const { history } of lineage) for (const { commit } of history) view.learn(commit);
  return view;
}

function originOf(history: readonly RecordedCommit[]): { readonly runId: string; readonly number: number; readonly hash: string } | undefined {
  return history[0]?.commit.events.find((event) => event.type === 'run-forked')?.origin;
}
