import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Bus, WorkMessage, WorkResult, WorkerOptions } from '@holdfast/bus';
import { Bench, gate, pause, plannerConsumer, until } from './bench.fixture.js';

describe('a worker', () => {
  let bench: Bench;
  let writer: Bus;
  let planner: Bus;
  beforeAll(async () => {
    bench = await Bench.start();
  });
  beforeEach(async () => {
    [writer, planner] = await Promise.all([bench.bus('orchestrator'), bench.bus('planner')]);
  });
  afterEach(() => bench.closeBuses());
  afterAll(() => bench.stop());

  /** Starts a worker that counts how often it handled what. */
  function work(bus: Bus, handle: (message: WorkMessage, signal: AbortSignal) => Promise<WorkResult>, options: Partial<WorkerOptions> = {}) {
    const handled = new Map<number, number>();
    const errors: unknown[] = [];
    const missing: string[] = [];
    const state = { inHand: 0, most: 0 };
    const worker = bus.work({
      consumer: plannerConsumer(), concurrency: 10,
      onError: (error) => errors.push(error),
      onMissing: (description) => missing.push(description),
      handle: async (message, signal) => {
        handled.set(message.sequence, (handled.get(message.sequence) ?? 0) + 1);
        state.inHand += 1;
        state.most = Math.max(state.most, state.inHand);
        try {
          return await handle(message, signal);
        } finally {
          state.inHand -= 1;
        }
      },
      ...options,
    });
    return { worker, handled, errors, missing, state, once: (sequences: readonly number[]) => sequences.every((sequence) => handled.get(sequence) === 1) && handled.size === sequences.length };
  }
  it('handles each message once, with its subject, place and headers', async () => {
    const seen: WorkMessage[] = [];
    const { handled, once, missing } = work(planner, async (message) => { seen.push(message); return 'done'; });
    const sequences = await bench.commits(writer, 300);
    await bench.settled();
    expect(handled.size).toBe(300);
    expect(once(sequences)).toBe(true);
    expect(seen[0]).toMatchObject({ subject: expect.stringMatching(/^log\.0\.acme\.run-\d+\.plan$/), sequence: sequences[0], deliveries: 1 });
    expect(new TextDecoder().decode(seen[0]?.data)).toBe('a commit');
    expect(missing).toEqual([]);
  });

  it.each([1, 4])('has never more than its concurrency of %d in hand', async (concurrency) => {
    const sequences = await bench.commits(writer, 40);
    const { state, once } = work(planner, async () => { await pause(5); return 'done'; }, { concurrency });
    await bench.settled();
    expect(state.most).toBe(concurrency);
    expect(once(sequences)).toBe(true);
  });

  it('has never more in hand when one of two open requests runs out', async () => {
    const held = gate();
    let holding = false;
    const { state } = work(planner, async () => { if (holding) await held.opened; return 'done'; }, { concurrency: 4, pullExpiryMs: 1_000 });
    await pause(500);
    // Half of the first request is used up, so that a second is opened, which outlives it.
    await bench.commits(writer, 2);
    await pause(800);
    holding = true;
    await bench.commits(writer, 12);
    await until(() => state.inHand === 4);
    await pause(300);
    expect(state.most).toBe(4);
    held.open();
    await bench.settled();
  });

  it('does not starve over five thousand messages, expiries and heartbeats, with and without a backlog', async () => {
    const { handled, missing } = work(planner, async () => 'done', { concurrency: 3, pullExpiryMs: 300 });
    const sequences = [...(await bench.commits(writer, 4_000))];
    for (let trickle = 0; trickle < 50; trickle += 1) {
      sequences.push(...(await bench.commits(writer, 20)));
      await pause(trickle % 10 === 0 ? 350 : 5);
    }
    await bench.settled();
    expect([...handled.keys()].sort((one, other) => one - other)).toEqual(sequences);
    expect(handled.size).toBe(5_000);
    expect(missing).toEqual([]);
    // At rest exactly its places are asked for: neither too few nor, by leftover requests, too many.
    // At rest, and several expiries later, a request is open: nothing waits for the watch over missed heartbeats.
    await pause(1_200);
    let open = 0;
    for (let sample = 0; sample < 20; sample += 1) {
      open += (await bench.consumer()).num_waiting > 0 ? 1 : 0;
      await pause(10);
    }
    expect(open).toBeGreaterThan(0);
  });

  it('keeps a message in hand for longer than the acknowledgement wait', async () => {
    const consumer = plannerConsumer();
    const { handled, once } = work(planner, async (message) => { await pause(consumer.ackWaitMs * 2.5); return message.deliveries === 1 ? 'done' : { againAfterMs: 60_000 }; });
    const other = work(await bench.bus('planner'), async () => 'done');
    const sequences = await bench.commits(writer, 5);
    await bench.settled();
    const all = new Map([...handled, ...other.handled]);
    expect([...all.values()]).toEqual([1, 1, 1, 1, 1]);
    expect(handled.size + other.handled.size).toBe(sequences.length);
    expect(once([...handled.keys()])).toBe(true);
  });

  it('does not handle a second time what comes back while it is in hand', async () => {
    const held = gate();
    const sequence = (await bench.commits(writer, 1))[0] ?? 0;
    const { handled } = work(planner, async (message) => {
      if (message.sequence !== sequence) return 'done';
      // The event loop stands still for longer than the acknowledgement wait, so that the broker hears nothing.
      const end = Date.now() + plannerConsumer().ackWaitMs + 400;
      while (Date.now() < end);
      await held.opened;
      return 'done';
    }, { concurrency: 3 });
    await until(async () => {
      // A question that was under way when the event loop stood still is too late for its answer, and is asked again.
      const consumer = await bench.api<{ readonly num_redelivered: number }>('CONSUMER.INFO.LOG-0.planner').catch(() => undefined);
      return (consumer?.num_redelivered ?? 0) > 0;
    });
    // Its places are free again though the first is still in hand.
    const second = await bench.commits(writer, 1);
    held.open();
    await bench.settled();
    expect(handled.get(sequence)).toBe(1);
    expect(handled.get(second[0] ?? 0)).toBe(1);
  });

  it.each([0, 1, 400])('gets a message again that was given back for %d milliseconds', async (againAfterMs) => {
    const deliveries: number[] = [];
    work(planner, async (message) => { deliveries.push(message.deliveries); return message.deliveries < 3 ? { againAfterMs } : 'done'; });
    await bench.commits(writer, 1);
    await bench.settled();
    expect(deliveries).toEqual([1, 2, 3]);
  });

  it('does not get a message again before its delay is over', async () => {
    let again = false;
    work(planner, async (message) => { again ||= message.deliveries > 1; return message.deliveries === 1 ? { againAfterMs: 3_600_000.1234567 } : 'done'; });
    await bench.commits(writer, 1);
    const others = work(await bench.bus('planner'), async () => 'done');
    const sequences = await bench.commits(writer, 20);
    await until(() => others.handled.size > 0);
    await pause(plannerConsumer().ackWaitMs + 500);
    expect(again).toBe(false);
    expect(sequences.length).toBe(20);
    // Nothing of it must be left for the next test.
    await bench.deleteConsumer(plannerConsumer());
    await bench.reinstall();
    await bench.closeBuses();
    work(await bench.bus('planner'), async () => 'done');
    await bench.settled();
  });

  it('tells of a handler’s error, whether thrown at once or later, and gets the message again', async () => {
    const { errors } = work(planner, (message) => {
      if (message.deliveries === 1) throw new TypeError('at once');
      return message.deliveries === 2 ? Promise.reject(new TypeError('later')) : Promise.resolve('done');
    });
    await bench.commits(writer, 1);
    await bench.settled();
    expect(errors.map(String)).toEqual(['TypeError: at once', 'TypeError: later']);
  });

  it('finishes what is in hand when it is stopped, takes nothing more, and tells handlers so', async () => {
    const held = gate();
    const signals: boolean[] = [];
    const { worker, handled, state } = work(planner, async (_, signal) => { await held.opened; signals.push(signal.aborted); return 'done'; }, { concurrency: 3 });
    const sequences = await bench.commits(writer, 8);
    await until(() => state.inHand === 3);
    const stopped = worker.stop();
    held.open();
    await stopped;
    expect(state.inHand).toBe(0);
    expect(signals).toEqual([true, true, true]);
    const rest = work(planner, async () => 'done');
    await bench.settled();
    expect(handled.size).toBe(3);
    expect(rest.handled.size).toBe(5);
    expect([...handled.keys(), ...rest.handled.keys()].sort((one, other) => one - other)).toEqual(sequences);
  });

  it('leaves no request behind when it is stopped at once, so that another gets everything the first time', async () => {
    for (let times = 0; times < 100; times += 1) await work(planner, async () => 'done').worker.stop();
    expect((await bench.consumer()).num_waiting).toBe(0);
    const deliveries = new Set<number>();
    work(planner, async (message) => { deliveries.add(message.deliveries); return 'done'; });
    await bench.commits(writer, 60);
    await bench.settled();
    expect([...deliveries]).toEqual([1]);
  });

  it('leaves to another what does not end within the grace, though its process lives on', async () => {
    const held = gate();
    const stuck = work(planner, async () => { await held.opened; return 'done'; });
    await bench.commits(writer, 1);
    await until(() => stuck.state.inHand === 1);
    await stuck.worker.stop(50);
    const other = work(await bench.bus('planner'), async () => 'done');
    await bench.settled();
    expect([...other.handled.values()]).toEqual([1]);
    held.open();
  });

  it('shares the load with another', async () => {
    const first = work(planner, async () => { await pause(5); return 'done'; });
    const second = work(await bench.bus('planner'), async () => { await pause(5); return 'done'; });
    const sequences = await bench.commits(writer, 400);
    await bench.settled();
    expect(new Set([...first.handled.keys(), ...second.handled.keys()]).size).toBe(sequences.length);
    expect(Math.min(first.handled.size, second.handled.size)).toBeGreaterThan(50);
  });
});
