import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HoldfastError, type ToolOutcome } from '@holdfast/contracts';
import type { AppendAnswer, EffectStore } from './effect-store.js';
import { Ledger } from './ledger.js';
import { InMemoryEffectStore } from './memory-effect-store.js';
import type { Operation } from './operation.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const operation: Operation = { tenant: 'acme', tool: 'pay', operationKey: 'a'.repeat(64), identity: { invoice: 'i-7' }, argumentsDigest: 'b'.repeat(64), runId: 'run-1', callId: 'c1-1', attemptMs: 1_000 };
const paid: ToolOutcome = { status: 'succeeded', result: 'paid', replayed: false, attempts: [] };
const soon = (): { waitUntil: number } => ({ waitUntil: Date.now() + 60_000 });

async function granted(ledger: Ledger, wish = operation) {
  const answer = await ledger.claim(wish, soon());
  if (answer.status !== 'granted') throw new Error(`the claim was not granted: ${JSON.stringify(answer)}`);
  return answer.claim;
}

/** A store whose answers are lost: what was asked of it is done, or not, as the script says. */
class LossyStore implements EffectStore {
  readonly inner = new InMemoryEffectStore();
  constructor(private readonly script: ('lost-after' | 'lost-before' | 'broken')[]) {}
  last: EffectStore['last'] = (subject) => this.inner.last(subject);
  async append(...given: Parameters<EffectStore['append']>): Promise<AppendAnswer> {
    const step = this.script.shift();
    if (step === 'broken') throw new HoldfastError({ code: 'bus.unavailable', message: 'No broker.', retryable: true, remedy: 'Wait.' });
    const answer = step === 'lost-before' ? undefined : await this.inner.append(...given);
    return step === undefined && answer !== undefined ? answer : { status: 'unknown', reason: 'time-out' };
  }
}

describe('a claim', () => {
  it('passes to another worker only when its attempt and the grace are over, at the next epoch', async () => {
    const store = new InMemoryEffectStore();
    const first = await granted(new Ledger({ store, owner: 'one', graceMs: 500 }));
    const waiting = granted(new Ledger({ store, owner: 'other', graceMs: 500 }), { ...operation, callId: 'c2-1' });
    let taken = false;
    void waiting.then(() => (taken = true));

    await jest.advanceTimersByTimeAsync(1_500);
    expect(taken).toBe(false);
    await jest.advanceTimersByTimeAsync(500);
    expect(await waiting).toMatchObject({ inherited: true, record: { epoch: 2, owner: 'other' } });
    expect(first.record.epoch).toBe(1);
  });

  it('cannot become an outcome after a takeover, nor be renewed', async () => {
    const store = new InMemoryEffectStore();
    const [paused, successor] = [new Ledger({ store, owner: 'paused' }), new Ledger({ store, owner: 'successor' })];
    const stale = await granted(paused);
    jest.advanceTimersByTime(5_000);
    const current = await granted(successor);

    expect(await paused.record(stale, { ...paid, result: 'stale' })).toBe('superseded');
    await expect(paused.renew(stale)).rejects.toMatchObject({ code: 'effect.superseded' });
    expect(await successor.record(current, paid)).toBe('recorded');
    expect(await paused.claim({ ...operation, callId: 'c2-1' }, soon())).toMatchObject({ status: 'settled', outcome: { result: 'paid' } });
  });

  it('is not acted on when an attempt would outlive it', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one', graceMs: 500 });
    const claim = await granted(ledger);

    expect(ledger.mayAct(claim, 1_000)).toBe(true);
    jest.advanceTimersByTime(251);
    expect(ledger.mayAct(claim, 1_000)).toBe(false);
  });

  it('passes at once to another delivery of its own call where acting beside it does no harm, and to no other call', async () => {
    const store = new InMemoryEffectStore();
    await granted(new Ledger({ store, owner: 'silent' }));
    const other = new Ledger({ store, owner: 'other' });

    // The wait ends before it begins, so an answer can only be an immediate one.
    await expect(other.claim({ ...operation, callId: 'c2-1' }, { waitUntil: 0, takeOverOwnCall: true })).rejects.toMatchObject({ code: 'effect.in-progress' });
    expect(await other.claim(operation, { waitUntil: 0, takeOverOwnCall: true })).toMatchObject({ status: 'granted', claim: { inherited: true, record: { epoch: 2 } } });
  });

  it('is taken up at once by its own process when that gave it up, and with its doubt', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one' });
    ledger.release(await granted(ledger));

    expect(await granted(ledger)).toMatchObject({ inherited: true, record: { epoch: 2 } });
  });

  it('is not taken from a neighbour in the same process', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one' });
    await granted(ledger);
    const answer = ledger.claim({ ...operation, callId: 'c2-1' }, { waitUntil: Date.now() + 500 });
    const refusal = expect(answer).rejects.toMatchObject({ code: 'effect.in-progress', retryable: true });
    await jest.advanceTimersByTimeAsync(1_000);
    await refusal;
  });

  it('with other arguments is refused while the first is alive, dead or done', async () => {
    const store = new InMemoryEffectStore();
    const claim = await granted(new Ledger({ store, owner: 'one' }));
    const other = new Ledger({ store, owner: 'other' });
    const conflicting = { ...operation, callId: 'c2-1', argumentsDigest: 'c'.repeat(64) };

    await expect(other.claim(conflicting, soon())).rejects.toMatchObject({ code: 'effect.conflict', retryable: false });
    jest.advanceTimersByTime(60_000);
    await expect(other.claim(conflicting, soon())).rejects.toMatchObject({ code: 'effect.conflict' });
    await new Ledger({ store, owner: 'one' }).record(claim, paid);
    await expect(other.claim(conflicting, soon())).rejects.toMatchObject({ code: 'effect.conflict' });
  });
});

describe('the first claim of a call', () => {
  const first = (): { waitUntil: number; isFirst: boolean } => ({ ...soon(), isFirst: true });

  /** Counts what is asked of a store. */
  class CountedStore implements EffectStore {
    readonly asked: string[] = [];
    constructor(private readonly inner: EffectStore = new InMemoryEffectStore()) {}
    last: EffectStore['last'] = (subject) => { this.asked.push('read'); return this.inner.last(subject); };
    append: EffectStore['append'] = (...given) => { this.asked.push('append'); return this.inner.append(...given); };
  }

  it('costs one append where there is nothing, and no read', async () => {
    const store = new CountedStore();
    expect(await new Ledger({ store, owner: 'one' }).claim(operation, first())).toMatchObject({ status: 'granted', claim: { inherited: false, record: { epoch: 1 } } });
    expect(store.asked).toEqual(['append']);
  });

  it('is given the outcome that is there, the refusal of other arguments, and waits for a claimant that is alive', async () => {
    const store = new InMemoryEffectStore();
    const other = new Ledger({ store, owner: 'other' });
    const claim = await granted(other, { ...operation, callId: 'c9-1' });
    const ledger = new Ledger({ store, owner: 'one' });

    await expect(ledger.claim(operation, { waitUntil: 0, isFirst: true })).rejects.toMatchObject({ code: 'effect.in-progress' });
    await other.record(claim, paid);
    expect(await ledger.claim(operation, first())).toMatchObject({ status: 'settled', outcome: { result: 'paid', replayed: true } });
    await expect(ledger.claim({ ...operation, argumentsDigest: 'c'.repeat(64) }, first())).rejects.toMatchObject({ code: 'effect.conflict' });
  });

  it('whose answer was lost is found by reading back when it was stored, and waits when a rival\'s was', async () => {
    expect(await new Ledger({ store: new LossyStore(['lost-after']), owner: 'one' }).claim(operation, first())).toMatchObject({ status: 'granted', claim: { inherited: false, sequence: 1 } });

    const store = new LossyStore([]);
    await granted(new Ledger({ store, owner: 'rival' }), { ...operation, callId: 'c9-1' });
    await expect(new Ledger({ store: Object.assign(new LossyStore(['lost-before']), { inner: store.inner }), owner: 'one' }).claim(operation, { waitUntil: 0, isFirst: true })).rejects.toMatchObject({ code: 'effect.in-progress' });
  });

  it('never takes an earlier claim for its own, though that reads the same to the letter', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one' });
    const answer = await ledger.claim(operation, first());
    if (answer.status !== 'granted') throw new Error('not granted');
    ledger.release(answer.claim);

    // The clock stands still, so owner, call, epoch and time are the same; but its holder may have acted.
    expect(await ledger.claim(operation, first())).toMatchObject({ status: 'granted', claim: { inherited: true, record: { epoch: 2 } } });
  });

  it('is one of two that come at the same moment in one process; the other waits', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one' });
    const answers = await Promise.allSettled([operation, operation, { ...operation, callId: 'c2-1' }].map((wish) => ledger.claim(wish, { waitUntil: 0, isFirst: true })));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

describe('an append whose answer was lost', () => {
  it('is found by reading back when it was stored', async () => {
    const store = new LossyStore(['lost-after']);
    const ledger = new Ledger({ store, owner: 'one' });
    const claim = await granted(ledger);

    expect(claim.sequence).toBe((await store.last(`effects.acme.pay.${operation.operationKey}`))?.sequence);
    expect(await ledger.record(claim, paid)).toBe('recorded');
    expect(store.inner.history(`effects.acme.pay.${operation.operationKey}`)).toHaveLength(2);
  });

  it.each(['lost-before', 'broken'] as const)('is made again when it was not stored (%s)', async (step) => {
    const store = new LossyStore([step]);
    const claim = granted(new Ledger({ store, owner: 'one' }));
    await jest.advanceTimersByTimeAsync(100);

    expect((await claim).record.epoch).toBe(1);
    expect(store.inner.history(`effects.acme.pay.${operation.operationKey}`)).toHaveLength(1);
  });

  it.each(['lost-after', 'lost-before', 'broken'] as const)('of a person\'s word is one record all the same (%s)', async (step) => {
    const store = new LossyStore([]);
    const ledger = new Ledger({ store, owner: 'one' });
    const claim = await granted(ledger);
    await ledger.record(claim, { status: 'in-doubt', attempts: [], claim: claim.sequence, failure: { code: 'tool.in-doubt', message: '', retryable: false, remedy: '' } });
    const lossy = new Ledger({ store: Object.assign(new LossyStore([step]), { inner: store.inner }), owner: 'other' });
    const answer = lossy.resolve(operation, { kind: 'happened', result: 'paid' }, { by: 'otto', claim: claim.sequence, waitUntil: 0 });
    await jest.advanceTimersByTimeAsync(100);

    expect(await answer).toMatchObject({ status: 'settled', outcome: { status: 'succeeded', result: 'paid', replayed: true } });
    expect(store.inner.history(`effects.acme.pay.${operation.operationKey}`)).toHaveLength(3);
  });

  it('ends in a retryable error when the store stays away', async () => {
    const claim = granted(new Ledger({ store: new LossyStore(Array.from({ length: 100 }, () => 'broken')), owner: 'one', patienceMs: 2_000 }));
    const refusal = expect(claim).rejects.toMatchObject({ code: 'effect.unavailable', retryable: true });
    await jest.advanceTimersByTimeAsync(5_000);
    await refusal;
  });
});

describe('an operation with a retention', () => {
  const kept: Operation = { ...operation, retentionMs: 60_000 };
  const other = { ...kept, runId: 'run-2', argumentsDigest: 'c'.repeat(64) };
  const settled = async (ledger: Ledger, outcome: ToolOutcome = paid): Promise<void> => void (await ledger.record(await granted(ledger, kept), outcome));

  it.each([
    { name: 'that forgets at once', store: () => new InMemoryEffectStore() },
    { name: 'that never forgets', store: () => new InMemoryEffectStore(() => 0) },
  ])('is done again after it, also with other arguments, and never within it, by a store $name', async ({ store: open }) => {
    const store = open();
    const ledger = new Ledger({ store, owner: 'one', graceMs: 500 });
    await settled(ledger);

    jest.advanceTimersByTime(60_499);
    expect(await ledger.claim({ ...kept, runId: 'run-2' }, soon())).toMatchObject({ status: 'settled', outcome: { replayed: true } });
    await expect(ledger.claim(other, soon())).rejects.toMatchObject({ code: 'effect.conflict' });
    jest.advanceTimersByTime(1);
    const again = await new Ledger({ store, owner: 'other' }).claim(other, { ...soon(), isFirst: true });
    expect(again).toMatchObject({ status: 'granted', claim: { inherited: false } });
    expect(await ledger.claim({ ...kept, runId: 'run-3', argumentsDigest: other.argumentsDigest }, { waitUntil: 0 }).catch((error: HoldfastError) => error.code)).toBe('effect.in-progress');
  });

  it('keeps a claim and a doubt for good', async () => {
    const store = new InMemoryEffectStore();
    const ledger = new Ledger({ store, owner: 'one' });
    const claim = await granted(ledger, kept);
    await ledger.record(claim, { status: 'in-doubt', attempts: [], operationKey: kept.operationKey, claim: claim.sequence, failure: { code: 'tool.in-doubt', message: '', retryable: false, remedy: '' } });

    expect(store.history(`effects.acme.pay.${kept.operationKey}`).some((record) => 'expiresAt' in record)).toBe(false);
    jest.advanceTimersByTime(10 * 365 * 86_400_000);
    expect(await ledger.claim({ ...kept, runId: 'run-2' }, soon())).toMatchObject({ status: 'settled', outcome: { status: 'in-doubt' } });
  });

  it('keeps a person\'s permission to retry until it is used, and what came of it for as long as any outcome', async () => {
    const store = new InMemoryEffectStore();
    const ledger = new Ledger({ store, owner: 'one', graceMs: 0 });
    const claim = await granted(ledger, kept);
    await ledger.record(claim, { status: 'in-doubt', attempts: [], claim: claim.sequence, failure: { code: 'tool.in-doubt', message: '', retryable: false, remedy: '' } });
    await ledger.resolve(kept, { kind: 'retry' }, { by: 'otto', claim: claim.sequence, waitUntil: 0 });
    jest.advanceTimersByTime(600_000);
    expect(await granted(ledger, kept)).toMatchObject({ retried: true, record: { epoch: 3 } });
  });

  it('gives the very call that was settled its outcome as long as that is there', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(() => 0), owner: 'one' });
    await settled(ledger);
    jest.advanceTimersByTime(600_000);

    expect(await ledger.claim(kept, soon())).toEqual({ status: 'settled', outcome: paid });
  });

  it('keeps for ever what has none', async () => {
    const ledger = new Ledger({ store: new InMemoryEffectStore(), owner: 'one' });
    await ledger.record(await granted(ledger), paid);
    jest.advanceTimersByTime(100 * 365 * 86_400_000);

    expect(await ledger.claim({ ...operation, runId: 'run-2' }, soon())).toMatchObject({ status: 'settled' });
  });
});
