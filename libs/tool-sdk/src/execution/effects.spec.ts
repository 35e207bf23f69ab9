import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EffectClass, ToolOutcome } from '@holdfast/contracts';
import type { LedgerPort } from '../ledger/ledger.js';
import { ToolError } from '../tools/tool-error.js';
import { Worker, World, noLedger, type Death } from './world.fixture.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Lets a call come to its end on the virtual clock. */
async function inTime<T>(outcome: Promise<T>, milliseconds = 60_000): Promise<T> {
  let ended = false;
  void outcome.then(() => (ended = true), () => (ended = true));
  for (let passed = 0; passed < milliseconds && !ended; passed += 10) await jest.advanceTimersByTimeAsync(10);
  return outcome;
}

/** One worker dies at a moment of the call; the call is delivered again to another. */
async function dieAndSucceed(effect: EffectClass, death: Death): Promise<{ readonly world: World; readonly outcome: ToolOutcome }> {
  const world = new World(effect);
  const victim = new Worker(world, 'victim', death);
  void victim.execute();
  await jest.advanceTimersByTimeAsync(50);
  expect(victim.dead).toBe(true);
  return { world, outcome: await inTime(new Worker(world, 'successor').execute({ redelivered: true })) };
}

const deaths: readonly Death[] = ['before-claim', 'after-claim', 'after-request', 'before-answer', 'after-effect', 'after-outcome'];

describe('a worker killed in the middle of a call', () => {
  const cases = (['idempotent', 'keyed', 'reconcilable'] as const).flatMap((effect) => deaths.map((death) => ({ effect, death })));

  it.each(cases)('leaves one effect and a success of a tool that is $effect when it dies $death', async ({ effect, death }) => {
    const { world, outcome } = await dieAndSucceed(effect, death);

    expect(world.effects).toBe(1);
    expect(outcome).toMatchObject({ status: 'succeeded', result: { number: 1 } });
  });

  it.each([
    { death: 'before-claim', effects: 1, status: 'succeeded' },
    { death: 'after-claim', effects: 0, status: 'in-doubt' },
    { death: 'after-request', effects: 0, status: 'in-doubt' },
    { death: 'before-answer', effects: 1, status: 'in-doubt' },
    { death: 'after-effect', effects: 1, status: 'in-doubt' },
    { death: 'after-outcome', effects: 1, status: 'succeeded' },
  ] as const)('leaves an at-most-once tool $status with $effects effects when it dies $death', async ({ death, effects, status }) => {
    const { world, outcome } = await dieAndSucceed('at-most-once', death);

    expect(world.effects).toBe(effects);
    expect(outcome.status).toBe(status);
  });

  it.each(['after-request', 'before-answer'] as const)('makes a read be done again when it dies %s', async (death) => {
    const { world, outcome } = await dieAndSucceed('read', death);

    expect(world.requests).toBe(2);
    expect(outcome.status).toBe('succeeded');
  });

  it('asks the world only once more, and with the same key, when the effect had happened', async () => {
    const { world } = await dieAndSucceed('keyed', 'before-answer');

    expect(world.requests).toBe(2);
  });

  it('gives the same call, delivered again, exactly the outcome that was recorded for it', async () => {
    const world = new World('keyed');
    const first = await inTime(new Worker(world, 'first').execute());

    expect(await inTime(new Worker(world, 'second').execute({ redelivered: true }))).toEqual(first);
  });
});

describe('several who ask for one operation', () => {
  /** Twenty callers of twenty runs on two workers. */
  async function twentyCallers(effect: EffectClass, ledger?: LedgerPort): Promise<{ readonly world: World; readonly outcomes: readonly ToolOutcome[] }> {
    const world = new World(effect);
    const workers = [new Worker(world, 'one', undefined, ledger), new Worker(world, 'other', undefined, ledger)] as const;
    const calls = Array.from({ length: 20 }, (_, index) => workers[index % 2 === 0 ? 0 : 1].execute({ runId: `run-${index}` }));
    return { world, outcomes: await inTime(Promise.all(calls)) };
  }

  it.each(['idempotent', 'keyed', 'reconcilable', 'at-most-once'] as const)('make one request and share one outcome of a tool that is %s', async (effect) => {
    const { world, outcomes } = await twentyCallers(effect);

    expect({ requests: world.requests, effects: world.effects }).toEqual({ requests: 1, effects: 1 });
    expect(outcomes.map((outcome) => (outcome.status === 'succeeded' ? outcome.result : outcome))).toEqual(Array.from({ length: 20 }, () => ({ number: 1 })));
    expect(outcomes.filter((outcome) => outcome.status === 'succeeded' && !outcome.replayed)).toHaveLength(1);
  });

  it.each(['reconcilable', 'at-most-once'] as const)('would each have their own effect without the ledger, so the test above can fail: %s', async (effect) => {
    const { world } = await twentyCallers(effect, noLedger);

    expect(world.effects).toBe(20);
  });

  it('are told of the conflict, by which call, and in which argument, when their arguments differ', async () => {
    const world = new World('keyed');
    const worker = new Worker(world, 'worker');
    await inTime(worker.execute({ runId: 'run-1', callId: 'c3-1' }));
    const outcome = await inTime(worker.execute({ runId: 'run-2', callId: 'c5-1', amountCents: 999 }));

    expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'effect.conflict', retryable: false } });
    const { message, remedy } = outcome.status === 'failed' ? outcome.failure : { message: '', remedy: '' };
    expect(message).toBe('Call c5-1 of run run-2 asks transfer for reference "invoice-7" with other arguments than call c3-1 of run run-1, which asked for the same operation before. They differ in "amountCents". Nothing was done for the later call.');
    expect(remedy).toMatch(/another reference\.$/);
    expect(world.requests).toBe(1);
  });

  it('make one request even when one call is executed twice at once in one process', async () => {
    const world = new World('at-most-once');
    const worker = new Worker(world, 'worker');
    const [first, second] = await inTime(Promise.all([worker.execute(), worker.execute()]));

    expect(world.requests).toBe(1);
    expect(second).toEqual(first);
  });

  it('wait for a living claimant instead of acting beside it', async () => {
    const world = new World('keyed');
    const first = new Worker(world, 'one').execute({ runId: 'run-1' });
    await jest.advanceTimersByTimeAsync(2);
    const second = new Worker(world, 'other').execute({ runId: 'run-2' });
    await inTime(Promise.all([first, second]));

    expect(world.requests).toBe(1);
    expect(await second).toMatchObject({ status: 'succeeded', replayed: true });
  });
});

describe('a worker that was paused', () => {
  it('records nothing over a later claim and adopts what its successor found', async () => {
    const world = new World('keyed');
    const paused = new Worker(world, 'paused');
    const hold = Promise.withResolvers<{ readonly number: number }>();
    const serve = jest.spyOn(world, 'serve').mockReturnValueOnce(hold.promise);
    const early = paused.execute();
    await jest.advanceTimersByTimeAsync(10);
    const late = await inTime(new Worker(world, 'successor').execute({ redelivered: true }));
    hold.resolve({ number: 77 });

    expect(late).toMatchObject({ status: 'succeeded', result: { number: 1 } });
    expect(await inTime(early)).toEqual(late);
    expect(serve).toHaveBeenCalledTimes(2);
    const history = world.store.history(world.store.subjects()[0] ?? '');
    expect(history.map(({ kind, epoch }) => `${kind} ${epoch}`)).toEqual(['claim 1', 'claim 2', 'outcome 2']);
  });
});

describe('two deliveries of one call', () => {
  it('do not take over from each other again and again', async () => {
    const world = new World('keyed');
    const [one, other] = [Promise.withResolvers<{ readonly number: number }>(), Promise.withResolvers<{ readonly number: number }>()];
    const serve = jest.spyOn(world, 'serve').mockReturnValueOnce(one.promise).mockReturnValueOnce(other.promise);
    const early = new Worker(world, 'one').execute({ redelivered: true });
    await jest.advanceTimersByTimeAsync(10);
    const late = new Worker(world, 'other').execute({ redelivered: true });
    await jest.advanceTimersByTimeAsync(10);
    one.resolve({ number: 1 });
    await jest.advanceTimersByTimeAsync(500);
    other.resolve({ number: 2 });

    expect(await inTime(late)).toMatchObject({ status: 'succeeded', result: { number: 2 } });
    expect(await inTime(early)).toEqual(await late);
    expect(serve).toHaveBeenCalledTimes(2);
  });
});

describe('a call that may not act', () => {
  const forbidden = ToolError.refused({ code: 'tool.permit-refused', message: 'The permit has expired.' });

  it('fails without acting when it never acted', async () => {
    const world = new World('keyed');

    expect(await inTime(new Worker(world, 'worker').execute({ forbidden }))).toMatchObject({ status: 'failed', failure: { code: 'tool.permit-refused' } });
    expect(world.effects).toBe(0);
  });

  it('keeps a delivery from acting that found the permit in force and was stopped before its claim', async () => {
    const world = new World('keyed');
    const refused = await inTime(new Worker(world, 'second').execute({ redelivered: true, forbidden }));

    expect(await inTime(new Worker(world, 'stopped').execute())).toEqual(refused);
    expect(world.effects).toBe(0);
  });

  it('does not keep other calls from the same operation', async () => {
    const world = new World('keyed');
    await inTime(new Worker(world, 'first').execute({ forbidden }));

    expect((await inTime(new Worker(world, 'other').execute({ callId: 'c2-1' }))).status).toBe('succeeded');
  });

  it('is not told what another call of the same operation achieved', async () => {
    const world = new World('keyed');
    await inTime(new Worker(world, 'other').execute({ callId: 'c2-1' }));

    expect(await inTime(new Worker(world, 'first').execute({ forbidden }))).toMatchObject({ status: 'failed', failure: { code: 'tool.permit-refused' } });
  });

  it('still reports what an earlier delivery recorded', async () => {
    const world = new World('keyed');
    const first = await inTime(new Worker(world, 'first').execute());

    expect(await inTime(new Worker(world, 'second').execute({ redelivered: true, forbidden }))).toEqual(first);
  });

  it.each([
    { effect: 'keyed', status: 'in-doubt' },
    { effect: 'reconcilable', status: 'succeeded' },
  ] as const)('is $status when an earlier delivery of a $effect call may have acted', async ({ effect, status }) => {
    const world = new World(effect);
    void new Worker(world, 'victim', 'before-answer').execute();
    await jest.advanceTimersByTimeAsync(50);

    expect((await inTime(new Worker(world, 'second').execute({ redelivered: true, forbidden }))).status).toBe(status);
    expect(world.effects).toBe(1);
  });
});
