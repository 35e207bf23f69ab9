import { threadLimits, type RunKey } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { EarlierRun, EarlierRuns } from '@holdfast/run';
import { RunCache } from '../runs/run-cache.js';
import type { ThreadRuns } from './thread-runs.js';

/** Reads the runs that came before this one in its thread, as their logs tell them now. */
export type ReadEarlier = (key: RunKey, thread: string) => Promise<EarlierRuns>;

/** Entries whose run never began say nothing, so some more than are shown are read. */
const MOST_READ = 2 * threadLimits.turns;

export function earlierReader(log: EventLog, threads: Pick<ThreadRuns, 'of'>): ReadEarlier {
  return async ({ tenant, runId }, thread) => {
    const others = (await threads.of(tenant, thread)).filter((other) => other !== runId);
    const read = others.slice(-MOST_READ);
    const runs = await Promise.all(read.map((other) => readRun(log, { tenant, runId: other })));
    return { runs: runs.filter((run) => run !== undefined), omitted: others.length - read.length };
  };
}

/** Without the processor's cache, which may be behind for a run of another orchestrator's partition. */
async function readRun(log: EventLog, key: RunKey): Promise<EarlierRun | undefined> {
  const { state, head } = await new RunCache(log).load(key);
  return head === undefined ? undefined : { runId: key.runId, state, hash: head.commit.hash };
}
