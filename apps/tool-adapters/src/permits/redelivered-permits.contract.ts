import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FactAnswer } from '@holdfast/contracts';
import { newKey, startPermitBench, type Dispatched } from './permits.fixture.js';

const LATE_MS = 1_500_000;
const TOOLS = [['keyed', 'pay'], ['read', 'look']] as const;

/** Two processes one after the other, so that it is known which of them has a call; each remembers only the permits of its own calls. */
describe('a call that comes again to another worker', () => {
  let bench: Awaited<ReturnType<typeof startPermitBench>>;

  beforeEach(async () => {
    bench = await startPermitBench(newKey('first'));
  });
  afterEach(() => bench?.stop());

  const refusal = (code: string) => expect.objectContaining({ code: 'tool.permit-refused', message: expect.stringContaining(`(${code})`) });
  const callOf = ({ run }: Dispatched): string => `c4-${run.slice(4)}`;

  /** A worker makes a call, reports it, and goes away before it heard that the log has it; another one is given the call by the broker. */
  async function redeliver(tool: 'pay' | 'look', { afterMs, answer }: { readonly afterMs: number; readonly answer: FactAnswer }): Promise<{ readonly one: Dispatched; readonly again: unknown }> {
    const silent = await bench.startWorker();
    bench.answer = () => ({ status: 'unavailable', reason: 'the answer is lost' });
    const one = bench.dispatch({ tool });
    expect(await one.outcome).toBe('succeeded');
    await silent.close();
    bench.skewMs = afterMs;
    bench.answer = () => answer;
    const report = bench.reportOf(callOf(one), 4);
    const heir = await bench.startWorker();
    const again = await report;
    // The heir ends what it has in hand, the alert included.
    await heir.close();
    return { one, again };
  }

  it.each(TOOLS)('is served with its permit: what is %s is done as its effect class says, and nobody is alerted', async (_effect, tool) => {
    const { one, again } = await redeliver(tool, { afterMs: 0, answer: { status: 'committed', number: 5 } });
    expect(again).toBe('succeeded');
    // The ledger tells the payment; a read is made again, in the same run and with the same arguments.
    expect(bench.effects.filter((effect) => effect === `${tool} ${one.run}`)).toHaveLength(tool === 'pay' ? 1 : 2);
    expect(bench.refused).toEqual([]);
  });

  it.each(TOOLS)('after its permit\'s time, and is in the log already, alerts nobody, though it is %s', async (_effect, tool) => {
    const { one, again } = await redeliver(tool, { afterMs: LATE_MS, answer: { status: 'duplicate' } });
    expect(again).toEqual(tool === 'pay' ? 'succeeded' : refusal('permit.expired'));
    expect(bench.effects.filter((effect) => effect === `${tool} ${one.run}`)).toHaveLength(1);
    expect([bench.refused, await bench.letterOf(one.run, 4, callOf(one)), await bench.alerts('permit.expired', tool)]).toEqual([[], undefined, 0]);
  });

  it('after its permit\'s time, and has no end in the ledger or the log, alerts', async () => {
    const { one, again } = await redeliver('look', { afterMs: LATE_MS, answer: { status: 'committed', number: 5 } });
    expect(again).toEqual(refusal('permit.expired'));
    expect(bench.effects).toEqual([`look ${one.run}`]);
    expect(await bench.letterOf(one.run, 4, callOf(one))).toMatchObject({ code: 'permit.expired', runId: one.run });
    expect(await bench.alerts('permit.expired', 'look')).toBe(1);
  });

  it.each(TOOLS)('by another commit with the same permit, is refused there beyond 64 commits, and before that what is %s is read again at most', async (_effect, tool) => {
    const { one } = await redeliver(tool, { afterMs: 0, answer: { status: 'committed', number: 5 } });
    const before = bench.effects.length;
    await bench.startWorker();
    const dispatch = (number: number) => bench.dispatch({ tool, run: one.run, permit: one.permit, number, event: { callId: callOf(one) } }).outcome;
    // The permit was given after commit 3. Whatever acts is told from the ledger.
    expect(await dispatch(68)).toEqual(tool === 'pay' ? 'succeeded' : refusal('permit.mismatch'));
    expect(bench.refused.at(-1)).toMatchObject({ dispatch: 68, code: 'permit.mismatch' });
    expect(bench.effects).toHaveLength(before);
    expect(await dispatch(67)).toBe('succeeded');
    expect(bench.effects).toHaveLength(tool === 'pay' ? before : before + 1);
    // From then on this process knows the permit's dispatch, too.
    expect(await dispatch(66)).toEqual(tool === 'pay' ? 'succeeded' : refusal('permit.replayed'));
    expect(bench.refused.at(-1)).toMatchObject({ dispatch: 66, code: 'permit.replayed' });
    expect(bench.effects).toHaveLength(tool === 'pay' ? before : before + 1);
  });
});
