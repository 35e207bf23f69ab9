import { describe, expect, it } from '@jest/globals';
import { HoldfastError, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';
import { TroubledLog, key, orchestrator, plan, task, tool } from '../runs/processor.fixture.js';
import { findOpenRuns } from './open-runs.js';
import { rebuildTimers } from './rebuild-timers.js';

/** A log some of whose messages no release of ours can read, as after a flipped bit or beside a newer release. */
class DamagedLog extends TroubledLog {
  readonly damaged = new Set<string>();
  unreachable = false;

  override async readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]> {
    if (this.unreachable) throw new HoldfastError({ code: 'log.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.' });
    const rest = await super.readPartition(partition, sequence, Number.MAX_SAFE_INTEGER);
    return rest.filter((recorded) => !this.damaged.has(`${partition}:${recorded.sequence}`)).slice(0, limit);
  }
}

const runOf = (runId: string): RunKey => ({ tenant: 'acme', runId });
const idsOf = (runs: readonly { readonly key: RunKey }[]): string[] => runs.map((run) => run.key.runId).sort();

async function logOf(partitions: number, ...runs: readonly string[]): Promise<DamagedLog> {
  const log = new DamagedLog(new InMemoryEventLog(partitions));
  const { processor } = orchestrator(log);
  for (const runId of runs) {
    await processor.process(runOf(runId), task);
    await processor.process(runOf(runId), plan(1, ['pay']));
  }
  return log;
}

describe('the open runs of a partition', () => {
  it('are found beyond one batch, without those that have ended', async () => {
    const runs = Array.from({ length: 300 }, (_, index) => `run-${index}`);
    const log = await logOf(1, ...runs);
    const { processor } = orchestrator(log);
    await processor.process(runOf('run-7'), tool('c1-1'));
    await processor.process(runOf('run-7'), plan(3, []));
    for (let index = 0; index < 1_200; index += 1) await processor.process(runOf('talker'), index === 0 ? task : { kind: 'signal', id: `s${index}`, name: 's', payload: 0, by: 'ada' });

    const { open, broken } = await findOpenRuns(log, 0);
    expect(idsOf(open)).toEqual([...runs, 'talker'].filter((runId) => runId !== 'run-7').sort());
    expect(broken).toEqual([]);
  });

  it('leave out a run of which an earlier commit cannot be read, and name it', async () => {
    const log = await logOf(1, 'before', 'middle', 'after');
    log.damaged.add('0:3').add('0:5');
    const { open, broken } = await findOpenRuns(log, 0);

    expect([idsOf(open), idsOf(broken)]).toEqual([['before'], ['after', 'middle']]);
    expect(broken).toMatchObject([{ error: { code: 'run.history-impossible' } }, { error: { code: 'run.history-impossible' } }]);
  });

  it('are not guessed at while the log does not answer', async () => {
    const log = await logOf(1, 'one');
    log.unreachable = true;
    await expect(findOpenRuns(log, 0)).rejects.toMatchObject({ code: 'log.unavailable' });
  });
});

describe('timers that are rebuilt from the log', () => {
  it('are all that are set and have not fired, over all partitions, with the instants that the log holds', async () => {
    const log = await logOf(3, 'one', 'two', 'three');
    await orchestrator(log).processAll(task, plan(1, ['wire']));
    await orchestrator(log).processor.process(runOf('two'), tool('c1-1'));
    await orchestrator(log).processor.process(runOf('two'), plan(3, []));
    log.damaged.add('nothing');
    const armed: string[] = [];
    const rebuilt = await rebuildTimers(log, async (run, timerId, dueAt) => void armed.push(`${run.runId} ${timerId} ${dueAt}`));
    const due = (await log.readRun(key)).flatMap(({ commit }) => commit.events.flatMap((event) => (event.type === 'timer-set' ? [`${key.runId} ${event.timerId} ${event.dueAt}`] : [])));

    expect(rebuilt).toEqual({ open: 3, armed: 4, broken: [] });
    expect(due).toHaveLength(2);
    expect(armed).toEqual(expect.arrayContaining([...due, expect.stringMatching(/^one deadline/), expect.stringMatching(/^three deadline/)]));
  });

  it('do not stop at a broken run, which is named', async () => {
    const log = await logOf(1, 'broken', 'whole');
    log.damaged.add('0:1');
    const armed: string[] = [];
    const rebuilt = await rebuildTimers(log, async (run) => void armed.push(run.runId));
    expect(rebuilt).toEqual({ open: 1, armed: 1, broken: [runOf('broken')] });
    expect(armed).toEqual(['whole']);
  });
});
