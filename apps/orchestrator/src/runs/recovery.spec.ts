import { describe, expect, it } from '@jest/globals';
import type { Fact } from '@holdfast/contracts';
import { fold, initialState, undispatchedCalls } from '@holdfast/run';
import { FakePolicy, TroubledLog, approval, control, key, orchestrator, plan, sentCalls, task, tool } from './processor.fixture.js';

/**
 * Recovery has no scan: whatever is incomplete is a message that nobody has acknowledged. Each case below kills the
 * orchestrator between two commits, says which message is still unacknowledged, and shows that this one alone brings the
 * run to where it should be, in a process that knows nothing.
 */
interface CrashPoint {
  readonly name: string;
  /** What was folded before. */
  readonly before: readonly Fact[];
  /** The fact during whose decision the orchestrator dies. */
  readonly during: Fact;
  readonly calls: readonly string[];
}

const points: readonly CrashPoint[] = [
  { name: 'a proposal of three calls', before: [task], during: plan(1, ['lookup', 'pay', 'lookup']), calls: ['c1-1', 'c1-2', 'c1-3'] },
  { name: 'an approval, which grants first and sends in a second decision', before: [task, plan(1, ['wire'])], during: approval('a-c1-1'), calls: ['c1-1'] },
  { name: 'a resumption, which sends what was held back', before: [task, control('pause'), plan(1, ['pay', 'lookup'])], during: control('resume'), calls: ['c1-1', 'c1-2'] },
];

const nudge = async (log: TroubledLog): Promise<void> => orchestrator(log).processor.recover(key);
/** Every commit of these decisions that can be the last one written, from none to all. */
const cases = points.flatMap((point) => Array.from({ length: point.calls.length + 1 }, (_, written) => ({ ...point, written })));

async function crashed({ before, during, written }: CrashPoint & { readonly written: number }): Promise<TroubledLog> {
  const log = new TroubledLog();
  await orchestrator(log).processAll(...before);
  log.appendsLeft = written;
  await orchestrator(log).processor.process(key, during);
  log.appendsLeft = Infinity;
  return log;
}

const isOpen = async (log: TroubledLog): Promise<boolean> => undispatchedCalls(fold((await log.readRun(key)).map(({ commit }) => commit), initialState)).length > 0;

describe('after a crash of the orchestrator', () => {
  it.each(cases)('behind $written commits of $name, the fact, which its sender keeps, brings the rest exactly once', async (point) => {
    const log = await crashed(point);
    const { processAll } = orchestrator(log);
    await processAll(point.during, point.during);
    expect((await sentCalls(log)).sort()).toEqual(point.calls);
    expect(await isOpen(log)).toBe(false);
  });

  it.each(cases.filter(({ during, written }) => during.kind === 'plan' && written > 0))('and of the planner behind $written commits of $name, the plan commit, which nobody acknowledged, brings a nudge that sends the rest', async (point) => {
    const log = await crashed(point);
    await nudge(log);
    await nudge(log);
    expect((await sentCalls(log)).sort()).toEqual(point.calls);
    expect(await isOpen(log)).toBe(false);
  });

  it('and of an adapter, the call commit, which nobody acknowledged, brings the outcome, and with it what was not sent', async () => {
    const log = await crashed({ name: '', before: [task], during: plan(1, ['pay', 'lookup']), calls: [], written: 1 });
    await orchestrator(log).processAll(tool('c1-1'));
    expect((await sentCalls(log)).sort()).toEqual(['c1-1', 'c1-2']);
  });

  it('before anything was written, nothing is there that a nudge could bring up', async () => {
    const log = new TroubledLog();
    await nudge(log);
    expect(await log.readRun(key)).toEqual([]);
  });
});

describe('a nudge', () => {
  it('that is forged changes nothing in a run that waits for nothing', async () => {
    const log = new TroubledLog();
    await orchestrator(log).processAll(task, plan(1, ['pay', 'wire']));
    const before = await log.readRun(key);
    await Promise.all([nudge(log), nudge(log)]);
    expect(await log.readRun(key)).toEqual(before);
  });

  it('is answered as unavailable while policy or the log is away, so that its sender keeps its message', async () => {
    const log = await crashed({ name: '', before: [task], during: plan(1, ['pay', 'lookup']), calls: [], written: 1 });
    const policy = new FakePolicy();
    policy.down = true;
    await expect(orchestrator(log, policy).processor.recover(key)).rejects.toMatchObject({ retryable: true });
    log.appendsLeft = 0;
    await expect(orchestrator(log).processor.recover(key)).rejects.toMatchObject({ code: 'run.undispatched', retryable: true });
    log.appendsLeft = Infinity;
    await nudge(log);
    expect((await sentCalls(log)).sort()).toEqual(['c1-1', 'c1-2']);
  });
});
