import { describe, expect, it } from '@jest/globals';
import type { Bus, WorkMessage, WorkResult, WorkerOptions } from '@holdfast/bus';
import { HoldfastError, subjects, type RecordedCommit } from '@holdfast/contracts';
import { createLogger, type CommitDescription, type Telemetry } from '@holdfast/observability';
import { TroubledLog, key, orchestrator, plan, task, tool } from '../runs/processor.fixture.js';
import { startCommitTraces } from './commit-traces.js';

const DAY_MS = 24 * 3_600_000;

function traces(refusal?: Error, enabled = true, now = 2_000) {
  const exported: CommitDescription[] = [];
  const workers: Omit<WorkerOptions, 'role'>[] = [];
  const bus = { work: (options: Omit<WorkerOptions, 'role'>) => void workers.push(options) } as unknown as Bus;
  const telemetry = {
    enabled,
    commitSpans: {
      export: async (commits: readonly CommitDescription[]) => {
        if (refusal !== undefined) throw refusal;
        exported.push(...commits);
      },
    },
  } as unknown as Telemetry;
  startCommitTraces(bus, new TroubledLog(), telemetry, createLogger({ service: 'orchestrator', level: 'silent' }), () => now);
  const handle = async ({ commit, sequence }: RecordedCommit): Promise<WorkResult | undefined> => {
    const message: WorkMessage = { subject: subjects.commit(0, key, commit.route), data: new TextEncoder().encode(JSON.stringify(commit)), sequence, deliveries: 1, header: () => undefined };
    return workers[0]?.handle(message, new AbortController().signal);
  };
  return { exported, workers, handle };
}

async function history(): Promise<readonly RecordedCommit[]> {
  const log = new TroubledLog();
  await orchestrator(log).processAll(task, plan(1, ['pay']), tool('c1-1'));
  return log.readRun(key);
}

describe('the spans of commits', () => {
  it('are exported from each partition\'s own consumer, and name the commit that their cause answered', async () => {
    const { exported, workers, handle } = traces();
    const commits = await history();
    for (const recorded of commits) expect(await handle(recorded)).toBe('done');

    expect(workers.map(({ consumer }) => [consumer.stream, consumer.name])).toEqual([['LOG-0', 'traces'], ['LOG-1', 'traces']]);
    expect(exported.map(({ number, route, commitId, causeCommitId }) => [number, route, commitId, causeCommitId])).toEqual(commits.map(({ commit }) => [commit.number, commit.route, commit.hash, commit.parent]));
    expect(exported[1]?.causeCommitId).toBe(commits[0]?.commit.hash);
    expect(Object.values(exported[1]?.attributes ?? {})).toEqual(expect.arrayContaining(['pay', 'c1-1', 'allow']));
  });

  it('stay unacknowledged while the endpoint does not take them', async () => {
    const { handle } = traces(new HoldfastError({ code: 'trace.unavailable', message: 'No.', retryable: true, remedy: 'Wait.' }));
    const [first] = await history();
    await expect(handle(first as RecordedCommit)).rejects.toMatchObject({ code: 'trace.unavailable' });
  });

  it('that the endpoint will never take do not hold up the others', async () => {
    const { handle } = traces(new HoldfastError({ code: 'trace.rejected', message: 'No.', retryable: false, remedy: 'Look.' }));
    const [first] = await history();
    expect(await handle(first as RecordedCommit)).toBe('done');
  });

  it('of long ago are passed over when tracing is switched on late', async () => {
    const { handle, exported } = traces(undefined, true, 3 * DAY_MS);
    const [first] = await history();
    expect(await handle(first as RecordedCommit)).toBe('done');
    expect(exported).toEqual([]);
  });

  it('are nobody\'s work without an endpoint', () => {
    expect(traces(undefined, false).workers).toEqual([]);
  });
});
