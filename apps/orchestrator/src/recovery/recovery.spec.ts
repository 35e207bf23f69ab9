import { describe, expect, it } from '@jest/globals';
import { HoldfastError, partitionOf, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { InMemoryEventLog } from '@holdfast/event-log';
import { createLogger } from '@holdfast/observability';
import { FakePolicy, TroubledLog, key, orchestrator, plan, sentCalls, task, tool } from '../runs/processor.fixture.js';
import { findOpenRuns, leftovers } from './recovery.js';
import { recoverRuns } from './recover-runs.js';

/** A log some of whose messages no release of ours can read, as after a flipped bit or beside a newer release. */
class DamagedLog extends TroubledLog {
  readonly damaged = new Set<string>();
  unreachable = 0;

  override async readPartition(partition: number, sequence: number, limit: number): Promise<readonly RecordedCommit[]> {
    if (this.unreachable > 0) {
      this.unreachable -= 1;
      throw new HoldfastError({ code: 'log.unavailable', message: 'No answer.', retryable: true, remedy: 'Wait.' });
    }
    const rest = await super.readPartition(partition, sequence, Number.MAX_SAFE_INTEGER);
    return rest.filter((recorded) => !this.damaged.has(`${partition}:${recorded.sequence}`)).slice(0, limit);
  }

  override async readRun(run: RunKey): Promise<readonly RecordedCommit[]> {
    const history = await super.readRun(run);
    this.check(partitionOf(run, this.partitions), ...history);
    return history;
  }

  private check(partition: number, ...read: readonly RecordedCommit[]): void {
    const bad = read.find(({ sequence }) => this.damaged.has(`${partition}:${sequence}`));
    if (bad !== undefined) throw new HoldfastError({ code: 'log.corrupt', message: `Sequence ${bad.sequence} cannot be read.`, retryable: false, remedy: 'Quarantine the run.' });
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

/** An orchestrator that starts anew: it knows nothing but the log. */
async function restart(log: TroubledLog, policy = new FakePolicy(), armTimer?: (key: RunKey, timerId: string, dueAt: number) => Promise<void>) {
  const lines: { readonly level: string; readonly message: string; readonly run_id?: string; readonly err?: { readonly code: string } }[] = [];
  const armed: string[] = [];
  let pauses = 0;
  await recoverRuns({
    log, processor: orchestrator(log, policy).processor,
    armTimer: async (run, timerId, dueAt) => {
      await armTimer?.(run, timerId, dueAt);
      armed.push(`${run.runId} ${timerId} ${dueAt}`);
    },
    logger: createLogger({ service: 'orchestrator', level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]) } }),
    pause: async () => {
      pauses += 1;
      policy.down = false;
      if (pauses > 50) throw new Error('recovery does not end');
    },
  });
  return { lines, armed, policy, pauses: () => pauses };
}

describe('the open runs of a log', () => {
  it('are found over all partitions and beyond one batch, without those that have ended', async () => {
    const runs = Array.from({ length: 300 }, (_, index) => `run-${index}`);
    const log = await logOf(3, ...runs);
    const { processor } = orchestrator(log);
    await processor.process(runOf('run-7'), tool('c1-1'));
    await processor.process(runOf('run-7'), plan(3, []));
    for (let index = 0; index < 1_200; index += 1) await processor.process(runOf('talker'), index === 0 ? task : { kind: 'signal', id: `s${index}`, name: 's', payload: 0, by: 'ada' });

    const { open, broken } = await findOpenRuns(log);
    expect(idsOf(open)).toEqual([...runs, 'talker'].filter((runId) => runId !== 'run-7').sort());
    expect(broken).toEqual([]);
  });

  it.each([2, 6])('are found beside a run whose commit at sequence %i cannot be read', async (sequence) => {
    const log = await logOf(1, 'before', 'middle', 'after');
    log.damaged.add(`0:${sequence}`);
    const { open } = await findOpenRuns(log);

    expect(idsOf(open)).toEqual(['after', 'before', 'middle']);
  });

  it('leave out a run of which an earlier commit cannot be read, and name it', async () => {
    const log = await logOf(1, 'before', 'middle', 'after');
    log.damaged.add('0:3').add('0:5');
    const { open, broken } = await findOpenRuns(log);

    expect([idsOf(open), idsOf(broken)]).toEqual([['before'], ['after', 'middle']]);
    expect(broken).toMatchObject([{ error: { code: 'run.history-impossible' } }, { error: { code: 'run.history-impossible' } }]);
  });

  it('are not guessed at while the log does not answer', async () => {
    const log = await logOf(1, 'one');
    log.unreachable = 1;
    await expect(findOpenRuns(log)).rejects.toMatchObject({ code: 'log.unavailable' });
  });
});

describe('recovery', () => {
  it.each([1, 2])('after a crash behind %i of three commits of one decision sends the rest exactly once', async (written) => {
    const log = new TroubledLog();
    const before = orchestrator(log);
    await before.processAll(task);
    log.appendsLeft = written;
    await before.processAll(plan(1, ['lookup', 'pay', 'lookup']));
    log.appendsLeft = Infinity;
    const [found] = (await findOpenRuns(log)).open;
    expect(found === undefined ? undefined : leftovers(found)).toEqual({ timers: [['deadline', expect.any(Number)]], dispatch: true });

    await restart(log);
    await restart(log);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2', 'c1-3']);
  });

  it('arms every timer that has not fired, with the instant that the log holds', async () => {
    const log = await logOf(2, 'one');
    await orchestrator(log).processAll(task, plan(1, ['wire']));
    const { armed } = await restart(log);
    const due = (await log.readRun(key)).flatMap(({ commit }) => commit.events.flatMap((event) => (event.type === 'timer-set' ? [`${key.runId} ${event.timerId} ${event.dueAt}`] : [])));

    expect(due).toHaveLength(2);
    expect(armed).toEqual(expect.arrayContaining(due));
    expect(armed).toHaveLength(3);
  });

  it('names a broken run and goes on with the others', async () => {
    const log = await logOf(1, 'broken');
    await orchestrator(log).processAll(task);
    log.appendsLeft = 1;
    await orchestrator(log).processAll(plan(1, ['pay', 'lookup']));
    log.appendsLeft = Infinity;
    log.damaged.add('0:1');
    const { lines } = await restart(log);

    expect(lines.filter((line) => line.level === 'error').map((line) => [line.run_id, line.err?.code])).toEqual([['broken', 'run.history-impossible']]);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2']);
  });

  it('names a run whose last commit cannot be read, and goes on with the others', async () => {
    const log = new DamagedLog(new InMemoryEventLog(1));
    const { processor } = orchestrator(log);
    for (const runId of ['cut', 'run-1']) {
      await processor.process(runOf(runId), task);
      log.appendsLeft = 1;
      await processor.process(runOf(runId), plan(1, ['pay', 'lookup']));
      log.appendsLeft = Infinity;
    }
    await processor.process(runOf('cut'), { kind: 'signal', id: 's', name: 's', payload: 0, by: 'ada' });
    const last = (await log.readRun(runOf('cut'))).at(-1);
    log.damaged.add(`0:${last?.sequence}`);
    const { lines } = await restart(log);

    expect(lines.filter((line) => line.level === 'error')).toMatchObject([{ run_id: 'cut', err: { code: 'log.corrupt' } }]);
    expect(await sentCalls(log)).toContain('c1-2');
  });

  it('waits for the log, for the timers\' stream and for policy, and then leaves nothing behind', async () => {
    const log = new DamagedLog();
    await orchestrator(log).processAll(task);
    log.appendsLeft = 1;
    await orchestrator(log).processAll(plan(1, ['pay', 'lookup']));
    log.appendsLeft = Infinity;
    log.unreachable = 2;
    const policy = new FakePolicy();
    policy.down = true;
    let refusals = 1;
    const { pauses, lines } = await restart(log, policy, async () => {
      if ((refusals -= 1) >= 0) throw new HoldfastError({ code: 'bus.rejected', message: 'No.', retryable: false, remedy: 'Run the installer.' });
    });

    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2']);
    expect(pauses()).toBeGreaterThanOrEqual(3);
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'recovered from the log' });
  });

  it('does not take a run for helped whose append found no broker', async () => {
    const log = new TroubledLog();
    await orchestrator(log).processAll(task);
    log.appendsLeft = 1;
    await orchestrator(log).processAll(plan(1, ['pay', 'lookup']));
    log.appendsLeft = 0;
    await expect(orchestrator(log).processor.recover(key)).rejects.toMatchObject({ code: 'run.undispatched', retryable: true });
    log.appendsLeft = Infinity;
    await orchestrator(log).processor.recover(key);
    expect(await sentCalls(log)).toEqual(['c1-1', 'c1-2']);
  });
});
