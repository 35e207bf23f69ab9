import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HoldfastError, type RecordedCommit } from '@holdfast/contracts';
import { JetStreamEventLog, findBreak, type AppendResult, type AppendableDraft, type LogLimits } from '../index.js';
import { UnreliableBus, type Fate } from './unreliable-bus.fixture.js';

const key = { tenant: 'acme', runId: 'run-1' };
const draft = (id: string): AppendableDraft => ({ at: 1, cause: { kind: 'test', id }, route: 'wait', events: [{ type: 'timer-fired', timerId: id }] });

function logOn(bus: UnreliableBus, limits: Partial<LogLimits> = {}): JetStreamEventLog {
  return new JetStreamEventLog(bus, 1, undefined, { retryDelayMs: 0, ...limits });
}

async function appended(result: Promise<AppendResult>): Promise<RecordedCommit> {
  const settled = await result;
  if (settled.status !== 'appended') throw new Error(`${settled.status}`);
  return settled.recorded;
}

describe('an append', () => {
  it('is exactly one message when all is well, always with the identical filter', async () => {
    const bus = new UnreliableBus();
    const log = logOn(bus);
    let head: RecordedCommit | undefined;
    for (let number = 1; number <= 10; number += 1) head = await appended(log.append(key, draft(`${number}`), head));
    expect(bus.counted).toEqual({ publishes: 10, reads: 0 });
    expect([...bus.filters]).toEqual(['log.0.acme.run-1.>']);
  });

  const troubles: readonly (readonly Fate[])[] = [['answer-lost'], ['request-lost'], ['refused-in-flight'], ['late', 'fine'], ['late', 'refused-in-flight', 'answer-lost'], ['request-lost', 'request-lost', 'answer-lost']];
  it.each(troubles.map((fates) => ({ fates })))('is stored once after: $fates', async ({ fates }) => {
    const bus = new UnreliableBus();
    bus.fates.push(...fates);
    const recorded = await appended(logOn(bus).append(key, draft('a'), undefined));
    expect(bus.stored).toHaveLength(1);
    expect(recorded.sequence).toBe(1);
  });

  it('waits for a replica that is behind instead of believing it', async () => {
    const bus = new UnreliableBus();
    bus.fates.push('answer-lost');
    bus.staleReads = 3;
    expect(await logOn(bus).append(key, draft('a'), undefined)).toMatchObject({ status: 'appended', recorded: { sequence: 1 } });
  });

  it('never tells anything but the truth, whatever the connection does to two racing writers', async () => {
    const fate = fc.constantFrom<Fate>('fine', 'refused-in-flight', 'request-lost', 'answer-lost', 'late');
    await fc.assert(fc.asyncProperty(fc.array(fate, { maxLength: 40 }), fc.integer({ min: 0, max: 12 }), async (fates, staleReads) => {
      const bus = new UnreliableBus();
      bus.fates.push(...fates);
      bus.staleReads = staleReads;
      const told: { readonly id: string; readonly result: AppendResult }[] = [];
      const write = async (name: string): Promise<void> => {
        const log = logOn(bus);
        let head: RecordedCommit | undefined;
        for (let round = 1; round <= 6; round += 1) {
          const id = `${name}${round}`;
          const result = await log.append(key, draft(id), head);
          told.push({ id, result });
          head = result.status === 'appended' ? result.recorded : result.status === 'lost' ? result.head : await log.head(key);
        }
      };
      await Promise.all([write('a'), write('b')]);

      const history = await logOn(bus).readRun(key);
      const stored = history.map(({ commit }) => commit.cause.id);
      expect(findBreak(history)).toBeUndefined();
      expect(history).toHaveLength(bus.stored.length);
      for (const { id, result } of told) {
        expect(result.status).not.toBe('unavailable');
        expect({ id, stored: stored.filter((each) => each === id).length }).toEqual({ id, stored: result.status === 'appended' ? 1 : 0 });
        if (result.status === 'lost') expect(history.find(({ sequence }) => sequence === result.winner)).toBeDefined();
      }
    }), { numRuns: 100 });
  });

  it('is called unavailable, with a remedy, when nothing could be found out within the deadline', async () => {
    const bus = new UnreliableBus();
    bus.fates.push(...Array.from({ length: 100_000 }, () => 'request-lost' as const));
    const result = await logOn(bus, { appendDeadlineMs: 50, retryDelayMs: 5 }).append(key, draft('a'), undefined);
    expect(result).toMatchObject({ status: 'unavailable', code: 'log.unavailable', reason: expect.stringContaining('acme/run-1'), remedy: expect.stringContaining('LOG-0') });
    expect(bus.counted.publishes).toBeGreaterThan(1);
  });

  it('is not tried again when the broker refuses it, and says what to do', async () => {
    const bus = new UnreliableBus();
    let asked = 0;
    bus.publish = async () => {
      asked += 1;
      throw new HoldfastError({ code: 'bus.rejected', message: 'not permitted', retryable: false, remedy: 'Run the installer.' });
    };
    expect(await logOn(bus).append(key, draft('a'), undefined)).toMatchObject({ status: 'unavailable', code: 'log.refused', remedy: 'Run the installer.' });
    expect(asked).toBe(1);
  });
});

describe('back-pressure', () => {
  it('lets a bounded number of appends out, the others in order, and refuses those that the queue has no room for', async () => {
    const bus = new UnreliableBus();
    let release: () => void = () => undefined;
    bus.hold = new Promise((resolve) => { release = resolve; });
    const log = logOn(bus, { appendsInFlight: 2, appendsWaiting: 3 });
    const order: string[] = [];
    const results = ['a', 'b', 'c', 'd', 'e', 'f'].map(async (runId) => {
      const result = await log.append({ tenant: 'acme', runId }, draft(runId), undefined);
      order.push(runId);
      return result;
    });
    expect(await results[5]).toMatchObject({ status: 'unavailable', code: 'log.busy', remedy: expect.any(String) });
    expect(bus.counted.publishes).toBe(2);
    release();
    expect((await Promise.all(results)).map((result) => result.status)).toEqual(['appended', 'appended', 'appended', 'appended', 'appended', 'unavailable']);
    expect(order).toEqual(['f', 'a', 'b', 'c', 'd', 'e']);
  });

  it('gives a waiting append up at its deadline, and lets those behind it through', async () => {
    const bus = new UnreliableBus();
    let release: () => void = () => undefined;
    bus.hold = new Promise((resolve) => { release = resolve; });
    const log = logOn(bus, { appendsInFlight: 1, appendDeadlineMs: 30 });
    const first = log.append({ tenant: 'acme', runId: 'a' }, draft('a'), undefined);
    expect(await log.append({ tenant: 'acme', runId: 'b' }, draft('b'), undefined)).toMatchObject({ status: 'unavailable', code: 'log.busy' });
    release();
    expect((await first).status).toBe('appended');
    expect((await log.append({ tenant: 'acme', runId: 'c' }, draft('c'), undefined)).status).toBe('appended');
  });

  it('bounds the gets in flight over all runs', async () => {
    const bus = new UnreliableBus();
    const log = logOn(bus, { readsInFlight: 4 });
    for (const runId of ['a', 'b', 'c']) {
      let head: RecordedCommit | undefined;
      for (let number = 1; number <= 20; number += 1) head = await appended(log.append({ tenant: 'acme', runId }, draft(`${number}`), head));
    }
    let inFlight = 0;
    let most = 0;
    const get = bus.getBySequence.bind(bus);
    bus.getBySequence = async (stream, sequence) => {
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setImmediate(resolve));
      return get(stream, sequence).finally(() => { inFlight -= 1; });
    };
    const histories = await Promise.all(['a', 'b', 'c'].map((runId) => log.readRun({ tenant: 'acme', runId })));
    expect(histories.map((history) => history.length)).toEqual([20, 20, 20]);
    expect(most).toBe(4);
  });
});
