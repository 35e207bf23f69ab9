import type { EventLog } from '@holdfast/event-log';
import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import { evolve, initialState, type RunState } from '@holdfast/run';

export interface OpenRun {
  readonly key: RunKey;
  readonly state: Exclude<RunState, { phase: 'unborn' | 'ended' }>;
}

/** A run whose history cannot be folded; it is left alone and named, and all others go on. */
export interface BrokenRun {
  readonly key: RunKey;
  readonly error: unknown;
}

export interface FoundRuns {
  readonly open: readonly OpenRun[];
  readonly broken: readonly BrokenRun[];
}

const BATCH = 1_000;

/**
 * Folds every run of a partition from its first commit and returns those that are not ended. Reads the partition once. What
 * is broken is named and passed over; throws only `log.unavailable`, after which the same call may be made again.
 */
export async function findOpenRuns(log: EventLog, partition: number): Promise<FoundRuns> {
  const open = new Map<string, OpenRun>();
  const states = new Map<string, RunState>();
  const broken = new Map<string, BrokenRun>();
  for (let sequence = 1; ;) {
    const batch = await log.readPartition(partition, sequence, BATCH);
    for (const recorded of batch) foldInto(recorded, states, open, broken);
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH) return { open: [...open.values()], broken: [...broken.values()] };
    sequence = last.sequence + 1;
  }
}

function foldInto(recorded: RecordedCommit, states: Map<string, RunState>, open: Map<string, OpenRun>, broken: Map<string, BrokenRun>): void {
  const { tenant, runId } = recorded.commit;
  const key = { tenant, runId };
  const name = `${tenant}/${runId}`;
  if (broken.has(name)) return;
  try {
    const state = evolve(states.get(name) ?? initialState, recorded.commit);
    if (state.phase === 'ended' || state.phase === 'unborn') {
      states.delete(name);
      open.delete(name);
    } else {
      states.set(name, state);
      open.set(name, { key, state });
    }
  } catch (error) {
    broken.set(name, { key, error });
    open.delete(name);
  }
}
