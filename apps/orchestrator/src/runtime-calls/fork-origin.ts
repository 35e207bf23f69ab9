import type { EventLog } from '@holdfast/event-log';
import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import { fold, initialState, type ForkOrigin } from '@holdfast/run';

/** Reads the run at which another is to begin, up to the commit that is named; undefined where the log has no such commit. */
export type ReadOrigin = (origin: RunKey, number: number) => Promise<ForkOrigin | undefined>;

export function originReader(log: Pick<EventLog, 'readRun'>): ReadOrigin {
  return async (origin, number) => {
    const history = await log.readRun(origin);
    const last = history[number - 1];
    if (last === undefined) return undefined;
    return {
      state: fold(history.slice(0, number).map(({ commit }) => commit), initialState),
      hash: last.commit.hash,
      labels: labelsOf(history),
      hasEnded: history.at(-1)?.commit.route === 'end',
      ...(last.commit.encryption === undefined ? {} : { dataKey: last.commit.encryption.key }),
    };
  };
}

function labelsOf(history: readonly RecordedCommit[]): ForkOrigin['labels'] {
  const begun = history[0]?.commit.events.find((event) => event.type === 'task-accepted' || event.type === 'run-forked');
  return begun?.labels ?? {};
}
