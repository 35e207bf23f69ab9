import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newKey, setOf, startPermitBench, type Dispatch } from './permits.fixture.js';

describe('permits at a tool worker', () => {
  const [first, second, planners] = [newKey('first'), newKey('second'), newKey('first')];
  let bench: Awaited<ReturnType<typeof startPermitBench>>;

  beforeAll(async () => {
    bench = await startPermitBench(first);
    await bench.startWorker();
  });
  afterAll(() => bench?.stop());

  const refusal = (code: string) => expect.objectContaining({ code: 'tool.permit-refused', message: expect.stringContaining(`(${code})`) });

  it('let exactly the call run that policy allowed', async () => {
    const { outcome, run } = bench.dispatch();
    expect(await outcome).toBe('succeeded');
    expect(bench.effects).toContain(`pay ${run}`);
  });

  it.each<[string, Dispatch, string]>([
    ['signed with a key of the planner\'s own, under the name of policy\'s', { by: planners }, 'permit.forged'],
    ['signed with a key that nobody knows', { by: newKey('unknown') }, 'permit.forged'],
    ['no permit at all', { permit: 'x.y.z' }, 'permit.forged'],
    ['that is to last for ever', { claims: { exp: 9_999_999_999 } }, 'permit.forged'],
    ['for other arguments', { event: { arguments: { invoice: 'another' } } }, 'permit.mismatch'],
    ['for another call', { claims: { jti: 'c9-9' } }, 'permit.mismatch'],
    ['of another run', { claims: { run: 'run-0' } }, 'permit.mismatch'],
    ['by another bundle than the log says', { claims: { policyDigest: 'e'.repeat(64) } }, 'permit.mismatch'],
    ['bound to a dispatch that does not say which bundle allowed it', { event: { policyDigest: undefined } as never }, 'permit.mismatch'],
    ['given long before the commit that it came with', { number: 90 }, 'permit.mismatch'],
    ['given after it', { claims: { after: 7 } }, 'permit.mismatch'],
    ['that is over', { claims: { iat: 1_000, exp: 2_000 } }, 'permit.expired'],
  ])('are refused when they are %s: nothing is done, and somebody is told', async (_what, change, code) => {
    const before = bench.effects.length;
    const alerted = await bench.alerts(code);
    const { outcome, run } = bench.dispatch(change);
    expect(await outcome).toEqual(refusal(code));
    expect(bench.effects).toHaveLength(before);
    expect(bench.refused.at(-1)).toMatchObject({ runId: run, code });
    expect(await bench.letterOf(run, change.number ?? 4, bench.refused.at(-1)?.callId ?? '')).toMatchObject({ code, runId: run, payload: '' });
    expect(await bench.alerts(code)).toBe(alerted + 1);
  });

  it.each([['keyed', 'pay'], ['read', 'look']] as const)('work once, also for what is %s: another dispatch is a second use', async (_effect, tool) => {
    const one = bench.dispatch({ tool });
    expect(await one.outcome).toBe('succeeded');
    const before = bench.effects.length;
    const again = bench.dispatch({ tool, run: one.run, permit: one.permit, number: 5, event: { callId: `c4-${one.run.slice(4)}` } });
    // What the ledger knows to be done is told as done; nothing is done again.
    expect(await again.outcome).toEqual(tool === 'pay' ? 'succeeded' : refusal('permit.replayed'));
    expect(bench.effects).toHaveLength(before);
    expect(bench.refused.at(-1)).toMatchObject({ runId: one.run, dispatch: 5, code: 'permit.replayed' });
    expect(await bench.alerts('permit.replayed', tool)).toBe(1);
  });

  it('count when clocks differ a little, and not when they differ much', async () => {
    for (const [skew, expected] of [[20_000, 'succeeded'], [-20_000, 'succeeded'], [600_000, 'succeeded'], [-600_000, refusal('permit.early')], [1_500_000, refusal('permit.expired')]] as const) {
      bench.skewMs = skew;
      expect([skew, await bench.dispatch().outcome]).toEqual([skew, expected]);
    }
    bench.skewMs = 0;
  });

  it.each([
    ['ahead, so that a permit of five minutes is over', 600_000, 'permit.expired'],
    ['behind, so that a permit is of a time to come', -600_000, 'permit.early'],
  ])('are refused when the adapter\'s clock is ten minutes %s: nothing is done, and the letter names the clocks', async (_what, skewMs, code) => {
    const before = bench.effects.length;
    const seconds = Math.floor(Date.now() / 1_000);
    bench.skewMs = skewMs;
    const { outcome, run } = bench.dispatch({ claims: { iat: seconds, exp: seconds + 300 } });
    expect(await outcome).toEqual(refusal(code));
    bench.skewMs = 0;
    expect(bench.effects).toHaveLength(before);
    expect(await bench.letterOf(run, 4, `c4-${run.slice(4)}`)).toMatchObject({ code, remedy: expect.stringMatching(/^Probable cause: clock skew.* Synchronise/) });
  });

  it('go on while their key is exchanged: first the adapters know both, then policy signs with the new one, then the old one goes', async () => {
    const [old, next] = [bench.dispatch(), bench.dispatch({ by: second })];
    expect([await old.outcome, await next.outcome]).toEqual(['succeeded', refusal('permit.forged')]);
    bench.keys = setOf(first, second);
    expect(await Promise.all([bench.dispatch({ by: second }), bench.dispatch({ by: first }), bench.dispatch({ by: second })].map(({ outcome }) => outcome))).toEqual(['succeeded', 'succeeded', 'succeeded']);
    bench.keys = 'nobody can read this';
    bench.skewMs = 2_000;
    expect(await bench.dispatch({ by: second }).outcome).toBe('succeeded');
    bench.keys = setOf(second);
    bench.skewMs = 4_000;
    expect(await Promise.all([bench.dispatch({ by: second }), bench.dispatch({ by: first })].map(({ outcome }) => outcome))).toEqual(['succeeded', refusal('permit.forged')]);
  });
});
