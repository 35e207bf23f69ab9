import { describe, expect, it } from '@jest/globals';
import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import { InMemoryEventLog, findBreak, type RunTail, sizeOf } from '@holdfast/event-log';
import { TroubledLog, approval, key, orchestrator, plan, sentCalls, signal, task, tool } from './processor.fixture.js';
import { advance, unborn } from './loaded-run.js';
import { RunCache } from './run-cache.js';

/** Counts what is read, and can hide the checkpoints as a release does that cannot read them. */
class CountedLog extends TroubledLog {
  readonly read: { tails: number; commits: number; whole: number } = { tails: 0, commits: 0, whole: 0 };
  foreign = false;

  override async readTail(run: RunKey): Promise<RunTail> {
    const tail = await super.readTail(run);
    this.read.tails += 1;
    this.read.commits += tail.commits.length;
    return this.foreign && tail.checkpoint !== undefined ? { ...tail, checkpoint: { ...tail.checkpoint, state: { version: 99 } } } : tail;
  }

  override async readRun(run: RunKey, known?: readonly RecordedCommit[]) {
    this.read.whole += 1;
    return super.readRun(run, known);
  }
}

/** A run of so many commits: signals, with a call out since the second commit. */
async function longRun(log: TroubledLog, commits: number): Promise<void> {
  const { processor } = orchestrator(log);
  await processor.process(key, task);
  await processor.process(key, plan(1, ['pay']));
  for (let number = 3; number <= commits; number += 1) await processor.process(key, signal(`s${number}`));
}

describe('a long run', () => {
  it('carries its state every 64 commits, and its chain holds', async () => {
    const log = new CountedLog(new InMemoryEventLog(1));
    await longRun(log, 200);
    const history = await log.readRun(key);
    expect(history.flatMap(({ commit }) => (commit.checkpoint === undefined ? [] : [commit.number]))).toEqual([64, 128, 192]);
    expect(findBreak(history)).toBeUndefined();
  });

  it('is rebuilt from its last checkpoint, to exactly what folding all of it gives', async () => {
    const log = new CountedLog(new InMemoryEventLog(1));
    await longRun(log, 200);
    const folded = (await log.readRun(key)).reduce(advance, unborn);
    log.read.whole = 0;
    const loaded = await new RunCache(log).load(key);
    expect(loaded).toEqual(folded);
    expect(log.read).toEqual({ tails: expect.any(Number), commits: expect.any(Number), whole: 0 });
  });

  it('still knows which commit sent the call that is answered after many checkpoints', async () => {
    const log = new CountedLog(new InMemoryEventLog(1));
    await longRun(log, 200);
    await orchestrator(log).processAll(tool('c1-1'));
    const history = await log.readRun(key);
    expect(history.at(-1)?.commit.parent).toBe(history[1]?.commit.hash);
  });

  it('is folded as a whole when its checkpoint is of another release', async () => {
    const log = new CountedLog(new InMemoryEventLog(1));
    await longRun(log, 130);
    log.foreign = true;
    expect(await new RunCache(log).load(key)).toEqual((await log.readRun(key)).reduce(advance, unborn));
  });
});

describe('the memory of runs', () => {
  it('does not hold a run that waits for people, and takes it up again when they answer', async () => {
    const log = new TroubledLog();
    const { processor, cache } = orchestrator(log);
    await processor.process(key, task);
    await processor.process(key, plan(1, ['wire']));
    expect(cache.extent).toEqual({ runs: 0, bytes: 0 });
    await processor.process(key, approval('a-c1-1'));
    expect(await sentCalls(log)).toEqual(['c1-1']);
    expect(cache.extent.runs).toBe(1);
  });

  it('holds a run while a planner or an adapter owes it something, and not when it has ended', async () => {
    const { processor, cache } = orchestrator(new TroubledLog());
    await processor.process(key, task);
    expect(cache.extent.runs).toBe(1);
    await processor.process(key, plan(1, ['pay']));
    expect(cache.extent.runs).toBe(1);
    await processor.process(key, tool('c1-1'));
    await processor.process(key, plan(3, []));
    expect(cache.extent.runs).toBe(0);
  });

  it('stays within its bytes, however many runs there are and however large they are', async () => {
    const log = new InMemoryEventLog(1);
    const cache = new RunCache(log, 200_000);
    const { processor } = orchestrator(log, undefined, undefined, cache);
    const goal = 'x'.repeat(10_000);
    for (let index = 0; index < 60; index += 1) {
      const run = { tenant: 'acme', runId: `run-${index}` };
      await processor.process(run, { ...task, event: { ...task.event, data: { goal } } });
      expect(cache.extent.bytes).toBeLessThanOrEqual(200_000);
    }
    expect(cache.extent.runs).toBeGreaterThan(5);
    // One that is larger than all of it is worked on all the same.
    const large = { tenant: 'acme', runId: 'large' };
    await processor.process(large, { ...task, event: { ...task.event, data: { goal: 'y'.repeat(20_000), more: Array.from({ length: 10_000 }, () => 'z'.repeat(20)) } } });
    expect(await processor.process(large, plan(1, ['pay']))).toMatchObject({ status: 'committed' });
    expect(cache.extent.bytes).toBeLessThanOrEqual(200_000);
  });

  it('forgets what belongs to another process from now, and only that', async () => {
    const log = new InMemoryEventLog(2);
    const cache = new RunCache(log);
    const { processor } = orchestrator(log, undefined, undefined, cache);
    for (let index = 0; index < 20; index += 1) await processor.process({ tenant: 'acme', runId: `run-${index}` }, task);
    cache.forgetPartition(0);
    const left = cache.extent.runs;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(20);
    cache.forgetPartition(1);
    expect(cache.extent.runs).toBe(0);
  });

  it('is estimated within a factor of two by texts, members and elements', () => {
    expect(sizeOf('x'.repeat(1_000))).toBeGreaterThanOrEqual(1_000);
    expect(sizeOf({ a: [1, 2, 3], b: { c: null } })).toBeLessThan(600);
    expect(sizeOf(Array.from({ length: 100 }, () => 'x'.repeat(100)))).toBeGreaterThan(10_000);
  });
});

describe('a clock that jumps', () => {
  it('never turns a run\'s history round, and the run goes on', async () => {
    const log = new TroubledLog();
    const { processor, set } = orchestrator(log);
    set(1_000_000_000);
    await processor.process(key, task);
    set(1_000_000_000 - 5 * 3_600_000);
    await processor.process(key, plan(1, ['pay', 'wire']));
    set(1_000_000_000 + 9 * 3_600_000);
    await processor.process(key, tool('c1-1'));
    set(5);
    await processor.process(key, approval('a-c1-2'));
    await processor.process(key, tool('c1-2'));
    const history = await log.readRun(key);
    const instants = history.map(({ commit }) => commit.at);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect(history.at(-1)?.commit.route).toBe('plan');
  });

  it('leaves runs of others alone: what one run has seen of the future is not another\'s', async () => {
    const log = new TroubledLog();
    const { processor, set } = orchestrator(log);
    set(9_000_000);
    await processor.process({ tenant: 'acme', runId: 'ahead' }, task);
    set(1_000);
    await processor.process(key, task);
    expect((await log.readRun(key))[0]?.commit.at).toBeLessThan(2_000);
  });
});
