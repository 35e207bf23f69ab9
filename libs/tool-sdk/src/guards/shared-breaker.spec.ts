import { beforeEach, describe, expect, it } from '@jest/globals';
import { silentLog } from '../tools/call-context.js';
import type { BreakerRecord, GuardStore } from './guard-store.js';
import { InMemoryGuardStore } from './memory-guard-store.js';
import { SharedBreaker } from './shared-breaker.js';

let now: number;
let store: InMemoryGuardStore;
beforeEach(() => {
  now = 0;
  store = new InMemoryGuardStore(() => now);
});

/** One worker's breaker; its clock begins anywhere. */
function pod(owner: string, with_: { readonly store?: GuardStore; readonly deaf?: boolean } = {}): SharedBreaker {
  const offset = owner.length * 1_000_000;
  const shared = with_.store ?? store;
  const breaker = new SharedBreaker({ tool: 'pay', failures: 2, openMs: 5_000, probeMs: 2_000, store: shared, owner, monotonic: () => now + offset, log: silentLog });
  if (with_.deaf !== true) shared.listen((_tool, _guard, change) => breaker.hear(change));
  return breaker;
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const shared = async (): Promise<BreakerRecord | undefined> => (await store.read('pay', 'breaker'))?.value as BreakerRecord | undefined;

async function open(breaker: SharedBreaker): Promise<void> {
  expect(await breaker.enter()).toBe('pass');
  breaker.failed(false, 'busy');
  breaker.failed(false, 'busy');
  await settled();
}

describe('a breaker whose state is shared', () => {
  it('opens for every worker when one has seen enough failures in a row', async () => {
    const [one, other] = [pod('one'), pod('other')];
    await open(one);

    expect(await other.enter()).toEqual({ waitMs: 5_000, reason: 'busy' });
  });

  it('is opened once by two that open it together', async () => {
    const [one, other] = [pod('one'), pod('other')];
    await Promise.all([open(one), open(other)]);

    expect((await store.read('pay', 'breaker'))?.revision).toBe(1);
  });

  it('lets exactly one of many try when its time has come, and closes for all when that succeeds', async () => {
    const pods = ['a', 'bb', 'ccc', 'dddd'].map((owner) => pod(owner));
    await open(pods[0] as SharedBreaker);
    now = 5_000;
    const entries = await Promise.all(pods.flatMap((one) => [one.enter(), one.enter()]));
    expect(entries.filter((entry) => entry === 'probe')).toHaveLength(1);
    expect(entries).not.toContain('pass');

    pods[Math.floor(entries.indexOf('probe') / 2)]?.succeeded(true);
    await settled();
    expect(await Promise.all(pods.map((one) => one.enter()))).toEqual(['pass', 'pass', 'pass', 'pass']);
  });

  it('opens again for all when the one that tries fails', async () => {
    const [one, other] = [pod('one'), pod('other')];
    await open(one);
    now = 5_000;
    expect(await other.enter()).toBe('probe');
    other.failed(true, 'still busy');
    await settled();

    expect(await one.enter()).toEqual({ waitMs: 5_000, reason: 'still busy' });
  });

  it('is not held half-open by a prober that died', async () => {
    const [one, other] = [pod('one'), pod('other')];
    await open(one);
    now = 5_000;
    expect(await one.enter()).toBe('probe');
    now = 6_999;
    expect(await other.enter()).toMatchObject({ reason: expect.stringContaining('one call is trying') });
    now = 7_000;
    expect(await other.enter()).toBe('probe');
    // The first wakes up late: what it found does not count any more.
    one.succeeded(true);
    await settled();
    expect(await shared()).toMatchObject({ state: 'probing', by: 'other' });
  });

  it('is read anew by a worker that hears nothing', async () => {
    const [one, deaf] = [pod('one'), pod('deaf', { deaf: true })];
    expect(await deaf.enter()).toBe('pass');
    await open(one);
    expect(await deaf.enter()).toBe('pass');
    now = 2_001;
    await deaf.enter();
    await settled();

    expect(await deaf.enter()).toMatchObject({ reason: 'busy' });
  });

  it('does not let a worker that hears nothing try a tool that others closed or try already', async () => {
    const [one, deaf] = [pod('one'), pod('deaf', { deaf: true })];
    await open(one);
    expect(await deaf.enter()).toMatchObject({ reason: 'busy' });
    now = 5_000;
    expect(await one.enter()).toBe('probe');
    expect(await deaf.enter()).toMatchObject({ reason: expect.stringContaining('one call is trying') });
  });

  it('leaves the tool alone for as long as that asked one worker, at most an hour', async () => {
    const [one, other] = [pod('one'), pod('other')];
    await other.enter();
    one.failed(false, 'too many requests', 30_000);
    await settled();
    expect(await other.enter()).toEqual({ waitMs: 30_000, reason: 'too many requests' });
    one.failed(false, 'never', 1e12);
    await settled();
    expect(one.waitMs).toBe(3_600_000);
  });

  it('goes on with the same rules in one worker while the store is away', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('away'));
    const alone = pod('alone', { store: { read: away, write: away, listen: () => () => undefined } });
    await open(alone);
    expect(await alone.enter()).toMatchObject({ waitMs: 5_000 });
    now = 5_000;
    expect(await alone.enter()).toBe('probe');
    expect(await alone.enter()).toMatchObject({ reason: expect.stringContaining('one call is trying') });
    alone.succeeded(true);
    expect(await alone.enter()).toBe('pass');
  });
});
