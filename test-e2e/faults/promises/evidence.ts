import type { Bus } from '@holdfast/bus';
import type { RecordedCommit } from '@holdfast/contracts';
import { JetStreamEventLog } from '@holdfast/event-log';
import { fold, initialState, type RunState } from '@holdfast/run';
import type { AcknowledgedFact } from '../workload/acknowledged.ts';
import type { PlannedTask } from '../workload/plan.ts';
import type { OperationCount } from '../world/effects.ts';

/** Everything that a round is judged by: what was promised, what the log holds, and what the world counted. */
export interface Evidence {
  readonly plan: readonly PlannedTask[];
  readonly acknowledgedTasks: readonly string[];
  readonly acknowledgedFacts: readonly AcknowledgedFact[];
  readonly runs: Histories;
  readonly world: readonly OperationCount[];
  readonly unready: readonly string[];
  readonly deadLetters: readonly { readonly subject: string; readonly code: string; readonly reason: string }[] | undefined;
}

/** Each run's commits in the order of the log, by the run's id. */
export type Histories = ReadonlyMap<string, readonly RecordedCommit[]>;

const BATCH = 1_000;

/** Reads every commit of every partition. What cannot be read is missing, and its run shows a gap. */
export async function readHistories(bus: Bus, partitions: number): Promise<Histories> {
  const log = new JetStreamEventLog(bus, partitions);
  const runs = new Map<string, RecordedCommit[]>();
  for (let partition = 0; partition < partitions; partition += 1) {
    for (let next = 1; ; ) {
      const batch = await log.readPartition(partition, next, BATCH);
      for (const recorded of batch) runs.set(recorded.commit.runId, [...(runs.get(recorded.commit.runId) ?? []), recorded]);
      const last = batch.at(-1);
      if (last === undefined || batch.length < BATCH) break;
      next = last.sequence + 1;
    }
  }
  return runs;
}

/** A run's state; undefined when its history cannot be folded. */
export function stateOf(history: readonly RecordedCommit[]): RunState | undefined {
  try {
    return fold(history.map(({ commit }) => commit), initialState);
  } catch {
    return undefined;
  }
}

/** The id of the task event that began a run. */
export function taskOf(history: readonly RecordedCommit[]): string | undefined {
  const accepted = history[0]?.commit.events.find((event) => event.type === 'task-accepted');
  return accepted?.task.id;
}

/** What an open run waits for, by its name; undefined when nobody could say. */
export function waitsFor(state: RunState): string | undefined {
  if (state.phase === 'unborn' || state.phase === 'ended') return undefined;
  if (state.paused) return 'somebody to resume it';
  const open = Object.values(state.calls).filter(({ status }) => status !== 'settled');
  if (state.phase !== 'acting' || open.some(({ status }) => status !== 'awaiting-approval' && status !== 'in-doubt')) return undefined;
  return `an answer about ${open.map(({ callId }) => callId).join(', ')}`;
}
