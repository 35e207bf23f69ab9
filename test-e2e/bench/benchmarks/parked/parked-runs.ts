import { logStream, partitionOf, subjects, type RunKey } from '@holdfast/contracts';
import { draftsOfRun, sealRun } from '../../application/history.ts';
import type { Filling } from '../../floor/fill.ts';
import { schedule } from '../../floor/schedule.ts';
import { TENANT } from '../../installation/installation.ts';
import type { StreamCount } from '../../installation/stream-counts.ts';

const DAY_MS = 86_400_000;

/**
 * The messages of so many runs that wait for a person: two commits each, at the sequences that their pointers name, and
 * the two timers, deadline and approval, as the orchestrator schedules them. Nobody else may write meanwhile.
 */
export function* parkedRuns(count: number, partitions: number, streams: readonly StreamCount[]): Generator<Filling> {
  const next = Array.from({ length: partitions }, (_, partition) => (streams.find(({ name }) => name === logStream(partition))?.stored ?? 0) + 1);
  const at = Date.now();
  for (let run = 0; run < count; run += 1) {
    const key: RunKey = { tenant: TENANT, runId: `parked-${run}` };
    const partition = partitionOf(key, partitions);
    const first = next[partition] ?? 1;
    const drafts = draftsOfRun(key.runId, 1, 'waiting', at);
    next[partition] = first + drafts.length;
    for (const commit of sealRun(key, drafts, (index) => first + index)) yield { subject: subjects.commit(partition, key, commit.route), payload: JSON.stringify(commit) };
    for (const timer of ['deadline', 'a-c1-1']) {
      yield { subject: subjects.timerSet(partition, key, timer), payload: JSON.stringify({ timerId: timer, dueAt: at + DAY_MS }), headers: schedule(at + DAY_MS + run, subjects.timerDue(partition, key, timer)) };
    }
  }
}
