import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EffectOutcome, EffectRecord, ToolOutcome } from '@holdfast/contracts';
import fc from 'fast-check';
import type { Resolution } from '../ledger/resolution.js';
import { Worker, World, type Death } from './world.fixture.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets what was begun come to its end on the virtual clock. */
async function inTime<T>(work: Promise<T>, milliseconds = 60_000): Promise<T> {
  let ended = false;
  void work.then(() => (ended = true), () => (ended = true));
  for (let passed = 0; passed < milliseconds && !ended; passed += 10) await jest.advanceTimersByTimeAsync(10);
  return work;
}

const happened: Resolution = { kind: 'happened', result: { number: 1 } };
const didNotHappen: Resolution = { kind: 'did-not-happen' };
const retry: Resolution = { kind: 'retry' };
const succeeded = (replayed: boolean, number = 1): object => ({ status: 'succeeded', result: { number }, replayed });
const settled = (outcome: object): object => ({ status: 'settled', outcome: expect.objectContaining(outcome) });

/** A world where a worker was lost, and what that left for the call and for another run. */
async function inDoubt(death: Death = 'after-request'): Promise<{ readonly world: World; readonly worker: Worker; readonly doubt: ToolOutcome }> {
  const world = new World('at-most-once');
  void new Worker(world, 'victim', death).execute();
  await jest.advanceTimersByTimeAsync(50);
  const worker = new Worker(world, 'worker');
  return { world, worker, doubt: await inTime(worker.execute({ redelivered: true })) };
}

const historyOf = (world: World): readonly EffectRecord[] => world.store.history(world.store.subjects()[0] ?? '');

describe('a call in doubt', () => {
  it('names its operation and the claim whose end is unknown', async () => {
    const { doubt, world } = await inDoubt();
    expect(doubt).toMatchObject({ status: 'in-doubt', operationKey: world.store.subjects()[0]?.split('.').at(-1), claim: 2 });
  });
});

describe('a person\'s word', () => {
  it('that it happened gives everybody the result, and nobody acts', async () => {
    const { world, worker, doubt } = await inDoubt('before-answer');

    expect(await worker.resolve(doubt, happened)).toEqual(settled(succeeded(true)));
    expect(await inTime(worker.execute({ dispatch: 3 }))).toMatchObject(succeeded(true));
    expect(await inTime(worker.execute({ runId: 'run-2' }))).toMatchObject(succeeded(true));
    expect(world.effects).toBe(1);
    expect(historyOf(world).at(-1)).toMatchObject({ resolution: { kind: 'happened', by: 'otto' }, epoch: 3, at: expect.any(Number) });
  });

  it('that it did not happen ends the call, and lets another be made', async () => {
    const { world, worker, doubt } = await inDoubt();

    expect(await worker.resolve(doubt, didNotHappen)).toEqual(settled({ status: 'failed', failure: expect.objectContaining({ code: 'tool.did-not-happen', message: expect.stringContaining('otto') }) }));
    expect(await inTime(worker.execute({ callId: 'c2-1' }))).toMatchObject(succeeded(false));
    expect(world.effects).toBe(1);
  });

  it.each(['at-most-once', 'keyed', 'idempotent'] as const)('to try again lets the same call of a tool that is %s act, once', async (effect) => {
    const { world, worker, doubt } = await inDoubt();
    world.effect = effect;

    expect(await worker.resolve(doubt, retry)).toEqual({ status: 'free' });
    const [again, other] = await inTime(Promise.all([worker.execute({ dispatch: 3 }), worker.execute({ runId: 'run-2' })]));
    expect([again, other]).toEqual([expect.objectContaining(succeeded(false)), expect.objectContaining(succeeded(true))]);
    expect(world.effects).toBe(1);
  });

  it('to try again lets a tool that can ask do so first', async () => {
    const { world, worker, doubt } = await inDoubt('before-answer');
    world.effect = 'reconcilable';
    await worker.resolve(doubt, retry);

    expect((await inTime(worker.execute({ dispatch: 3 }))).status).toBe('succeeded');
    expect(world.effects).toBe(1);
  });

  it.each([retry, didNotHappen])('to $kind does not let a dispatch from before it act, however late that comes', async (resolution) => {
    const { world, worker, doubt } = await inDoubt();
    await worker.resolve(doubt, resolution, { dispatch: 5 });

    expect((await inTime(worker.execute({ dispatch: 4, redelivered: true }))).status).toBe('failed');
    expect(world.effects).toBe(0);
  });

  it('that is delivered twice, as when the worker died before it could report, is answered the same', async () => {
    for (const resolution of [happened, didNotHappen, retry]) {
      const { world, worker, doubt } = await inDoubt();
      const first = await worker.resolve(doubt, resolution);
      const length = historyOf(world).length;

      expect(await new Worker(world, 'later').resolve(doubt, resolution)).toEqual(first);
      expect(historyOf(world)).toHaveLength(length);
    }
  });

  it('that is not the first is answered with the first, also to another run', async () => {
    const { worker, doubt } = await inDoubt();
    const others = await inTime(worker.execute({ runId: 'run-2' }));
    await worker.resolve(doubt, didNotHappen);

    expect(await worker.resolve(others, happened, { runId: 'run-2' })).toEqual(settled({ status: 'failed', failure: expect.objectContaining({ code: 'tool.did-not-happen' }) }));
    expect(await worker.resolve(others, retry, { runId: 'run-2' })).toEqual({ status: 'free' });
  });

  it('that it happened takes the place of a permission to try again that nobody has used', async () => {
    const { world, worker, doubt } = await inDoubt('before-answer');
    await worker.resolve(doubt, retry);
    await worker.resolve(doubt, happened, { runId: 'run-2' });

    expect(await inTime(worker.execute({ dispatch: 3 }))).toMatchObject(succeeded(true));
    expect(world.effects).toBe(1);
  });

  it('waits while another run that was let try again does it, and is given what came of it', async () => {
    const { world, worker, doubt } = await inDoubt();
    await worker.resolve(doubt, retry);
    const again = worker.execute({ dispatch: 3 });
    await jest.advanceTimersByTimeAsync(2);
    const answer = new Worker(world, 'other').resolve(doubt, didNotHappen, { runId: 'run-2' });

    expect(await inTime(answer)).toEqual(settled(succeeded(true)));
    expect(await again).toMatchObject(succeeded(false));
  });

  it('gives up waiting with an error that says to come again', async () => {
    const { world, worker, doubt } = await inDoubt();
    await worker.resolve(doubt, retry);
    void new Worker(world, 'victim', 'after-request').execute({ dispatch: 3 });
    await jest.advanceTimersByTimeAsync(50);

    await expect(inTime(worker.resolve(doubt, didNotHappen, { runId: 'run-2' }))).rejects.toMatchObject({ code: 'effect.in-progress', retryable: true });
  });

  it('says nothing of a later doubt, which its asker is told of instead', async () => {
    const { world, worker, doubt } = await inDoubt();
    await worker.resolve(doubt, retry);
    void new Worker(world, 'victim', 'before-answer').execute({ dispatch: 3 });
    await jest.advanceTimersByTimeAsync(50);
    const second = await inTime(worker.execute({ dispatch: 3, redelivered: true }));

    for (const late of [retry, didNotHappen]) expect(await worker.resolve(doubt, late)).toEqual(settled({ status: 'in-doubt', claim: second.status === 'in-doubt' ? second.claim : undefined }));
    expect((await inTime(worker.execute({ runId: 'run-3' }))).status).toBe('in-doubt');
    expect(await worker.resolve(second, happened)).toEqual(settled(succeeded(true)));
    expect(world.effects).toBe(1);
  });

  it('is the only thing that is known where the ledger holds nothing, and is kept there', async () => {
    const { doubt } = await inDoubt();
    const world = new World('at-most-once');
    const worker = new Worker(world, 'worker');

    expect(await worker.resolve(doubt, happened)).toEqual(settled(succeeded(true)));
    expect(await inTime(worker.execute({ runId: 'run-2' }))).toMatchObject(succeeded(true));
    expect(world.effects).toBe(0);
  });

  it('with a result that breaks the contract leaves the doubt, and says why', async () => {
    const { world, worker, doubt } = await inDoubt();
    const length = historyOf(world).length;

    expect(await worker.resolve(doubt, { kind: 'happened', result: { number: 'one' } })).toEqual(settled({ status: 'in-doubt', claim: 2, failure: expect.objectContaining({ message: expect.stringMatching(/otto.*number/), remedy: expect.stringContaining('follows the contract') }) }));
    expect(historyOf(world)).toHaveLength(length);
  });

  it('is refused when the operation was done since with other arguments', async () => {
    const { worker, doubt } = await inDoubt();
    await worker.resolve(doubt, didNotHappen);
    await inTime(worker.execute({ callId: 'c2-1', amountCents: 7 }));

    expect(await worker.resolve(doubt, happened, { runId: 'run-2' })).toEqual(settled({ status: 'failed', failure: expect.objectContaining({ code: 'effect.conflict' }) }));
  });
});

describe('whatever true things people say, in whatever order, and whoever dies', () => {
  const word = fc.record({ run: fc.integer({ min: 0, max: 3 }), wait: fc.integer({ min: 0, max: 40 }), retries: fc.boolean(), deliveries: fc.integer({ min: 1, max: 3 }), worker: fc.integer({ min: 0, max: 1 }) });

  it('there is one effect, one result for all who are given one, and each word ends one doubt', async () => {
    await fc.assert(fc.asyncProperty(fc.boolean(), fc.array(word, { minLength: 1, maxLength: 6 }), async (hadEffect, words) => {
      const world = new World('at-most-once');
      void new Worker(world, 'victim', hadEffect ? 'before-answer' : 'after-request').execute({ runId: 'run-0' });
      await jest.advanceTimersByTimeAsync(50);
      const workers = [new Worker(world, 'one'), new Worker(world, 'other')] as const;
      const doubts = await inTime(Promise.all([0, 1, 2, 3].map((run) => workers[0].execute({ runId: `run-${run}`, redelivered: true }))));
      const ends = await inTime(Promise.all(words.flatMap(({ run, wait, retries, deliveries, worker }) => Array.from({ length: deliveries }, async (_, delivery) => {
        const runId = `run-${run}`;
        const resolution = hadEffect ? happened : retries ? retry : didNotHappen;
        await new Promise((resolve) => setTimeout(resolve, wait * (delivery + 1)));
        const answer = await workers[worker === 0 ? 0 : 1].resolve(doubts[run] ?? doubts[0]!, resolution, { runId });
        return answer.status === 'settled' ? answer.outcome : workers[delivery % 2 === 0 ? 1 : 0].execute({ runId, dispatch: 3, redelivered: delivery > 0 });
      }))));

      const results = ends.flatMap((end) => (end.status === 'succeeded' ? [end.result] : []));
      expect(world.effects).toBeLessThanOrEqual(1);
      expect(world.effects).toBe(results.length > 0 ? 1 : 0);
      expect(new Set(results.map((result) => JSON.stringify(result))).size).toBeLessThanOrEqual(1);
      const history = historyOf(world);
      history.forEach((record, index) => {
        const before = history[index - 1];
        expect(record.epoch).toBeGreaterThanOrEqual(before?.epoch ?? 0);
        if (record.kind === 'outcome' && record.resolution !== undefined) expect((before as EffectOutcome).outcome.status === 'in-doubt' || (before as EffectOutcome).resolution?.kind === 'retry').toBe(true);
      });
    }), { numRuns: 100 });
  });
});
