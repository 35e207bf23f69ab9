import type { Bus } from '@holdfast/bus';
import { ERASURES_STREAM, erasure, subjects, threadLimits, type RunKey, type TenantId } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import type { EarlierRun, EarlierRuns } from '@holdfast/run';
import { RunCache } from '../runs/run-cache.js';
import type { ThreadRun, ThreadRuns } from './thread-runs.js';

/** Reads the runs that came before this one in its thread, as their logs tell them now. */
export type ReadEarlier = (key: RunKey, thread: string) => Promise<EarlierRuns>;

/** When it was last ordered to erase a data subject, and the order's sequence. Throws `bus.unavailable` (retryable). */
export type LastOrder = (tenant: TenantId, dataSubject: string) => Promise<{ readonly at: number; readonly sequence: number } | undefined>;

/** Entries whose run never began say nothing, so some more than are shown are read. */
const MOST_READ = 2 * threadLimits.turns;

export function earlierReader(log: EventLog, threads: Pick<ThreadRuns, 'of'>, lastOrder: LastOrder): ReadEarlier {
  return async ({ tenant, runId }, thread) => {
    const others = (await threads.of(tenant, thread)).filter((other) => other.runId !== runId);
    const subjects = [...new Set(others.flatMap(({ dataSubject }) => dataSubject ?? []))];
    const erasures = new Map(await Promise.all(subjects.map(async (dataSubject) => [dataSubject, await lastOrder(tenant, dataSubject)] as const)));
    const erasedOf = ({ dataSubject }: ThreadRun): number | undefined => (dataSubject === undefined ? undefined : erasures.get(dataSubject)?.at);
    const read = others.slice(-MOST_READ);
    const runs = await Promise.all(read.map(async (other): Promise<EarlierRun | undefined> => {
      const found = await readRun(log, { tenant, runId: other.runId });
      const erased = erasedOf(other);
      return found === undefined || erased === undefined ? found : { ...found, erasedAt: erased };
    }));
    const before = others.slice(0, -MOST_READ).map((other) => erasedOf(other) ?? 0);
    return { runs: runs.filter((run) => run !== undefined), omitted: others.length - read.length, ...(before.length === 0 ? {} : { erasedBefore: Math.max(...before) }), orders: Object.fromEntries([...erasures].map(([dataSubject, order]) => [dataSubject, order?.sequence ?? 0])) };
  };
}

export function erasureReader(bus: Pick<Bus, 'lastBySubject'>): LastOrder {
  return async (tenant, dataSubject) => {
    const stored = await bus.lastBySubject(ERASURES_STREAM, subjects.erasure(tenant, dataSubject));
    return stored === undefined ? undefined : { at: erasure.parse(JSON.parse(new TextDecoder().decode(stored.data))).at, sequence: stored.sequence };
  };
}

/** Without the processor's cache, which may be behind for a run of another orchestrator's partition. */
async function readRun(log: EventLog, key: RunKey): Promise<EarlierRun | undefined> {
  const { state, head } = await new RunCache(log).load(key);
  return head === undefined ? undefined : { runId: key.runId, state, hash: head.commit.hash };
}
