import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { partitionOf, subjects, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { CachedRunReader, findBreak, verifyRun, type AppendableDraft, type EventLog, type StoredLog } from './index.js';

/** An adapter under test. */
export interface LogUnderTest {
  /** The log as its only writer reaches it; called again, another writer of the same log. */
  openWriter(): Promise<EventLog & StoredLog>;
  /** The log as a reader without write permission reaches it. */
  openReader(): Promise<EventLog & StoredLog>;
  /** Resolves when no replica is behind; every reader then sees all that was appended. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

let runs = 0;
const newRun = (): RunKey => ({ tenant: 'acme', runId: `run-${process.pid}-${Date.now()}-${(runs += 1)}` });

const draft = (number: number, extra = ''): AppendableDraft => ({
  at: number, cause: { kind: 'test', id: `fact-${number}${extra}` }, route: 'wait', events: [{ type: 'timer-fired', timerId: `t-${number}${extra}` }],
});

/** Appends commits one after another and returns them; those with the given numbers carry a checkpoint. */
async function appendMany(log: EventLog, key: RunKey, count: number, checkpoints: readonly number[] = []): Promise<RecordedCommit[]> {
  const recorded: RecordedCommit[] = [];
  for (let number = 1; number <= count; number += 1) {
    const result = await log.append(key, { ...draft(number), ...(checkpoints.includes(number) ? { checkpoint: { after: number } } : {}) }, recorded.at(-1));
    if (result.status !== 'appended') throw new Error(`append ${number}: ${result.status}`);
    recorded.push(result.recorded);
  }
  return recorded;
}

/** The contract of every event log; it runs against the twin and against a real broker. */
export function eventLogContract(name: string, start: () => Promise<LogUnderTest>): void {
  describe(`an event log (${name})`, () => {
    let subject: LogUnderTest;
    let log: EventLog & StoredLog;
    let reader: EventLog & StoredLog;

    /** Appends to a run, and waits until every reader sees it. */
    const write = async (key: RunKey, count: number, checkpoints: readonly number[] = []): Promise<RecordedCommit[]> => {
      const written = await appendMany(log, key, count, checkpoints);
      await subject.caughtUp();
      return written;
    };

    beforeAll(async () => {
      subject = await start();
      log = await subject.openWriter();
      reader = await subject.openReader();
    });

    afterAll(() => subject.close());

    it('has no history of a run that nobody began', async () => {
      const key = newRun();
      expect(await reader.head(key)).toBeUndefined();
      expect(await reader.readRun(key)).toEqual([]);
    });

    it('reads back what was appended, in order, as an intact chain', async () => {
      const key = newRun();
      const written = await write(key, 5);
      const history = await reader.readRun(key);
      expect(history).toEqual(written);
      expect(findBreak(history)).toBeUndefined();
      expect(await reader.head(key)).toEqual(written.at(-1));
    });

    it('tells a writer where the fence of a run stands, and stores nothing by being asked', async () => {
      const key = newRun();
      expect(await log.lastSequence(key)).toBe(0);
      const written = await write(key, 3);
      expect(await log.lastSequence(key)).toBe(written.at(-1)?.sequence);
      expect(await reader.readRun(key)).toEqual(written);
    });

    it('reads runs longer than one commit\'s pointers, among the commits of others', async () => {
      const [key, other] = [newRun(), newRun()];
      const [written] = await Promise.all([write(key, 100), write(other, 40)]);
      expect(await reader.readRun(key)).toEqual(written);
    });

    it('reads only what is new to the reader', async () => {
      const key = newRun();
      const written = await write(key, 40);
      const history = await reader.readRun(key, written.slice(0, 3));
      expect(history).toEqual(written);
      expect(history[0]).toBe(written[0]);
    });

    it('reads the tail of a run without a checkpoint as the whole run', async () => {
      const key = newRun();
      expect(await reader.readTail(key)).toEqual({ commits: [], head: undefined });
      const written = await write(key, 5);
      expect(await reader.readTail(key)).toEqual({ commits: written, head: written[4] });
    });

    it('reads the tail of a run from its latest checkpoint on, also where the head carries it', async () => {
      const key = newRun();
      const written = await write(key, 150, [40, 70]);
      expect(await reader.readTail(key)).toEqual({ checkpoint: { number: 70, state: { after: 70 }, recorded: written[69] }, commits: written.slice(70), head: written[149] });
      const next = await log.append(key, { ...draft(151), checkpoint: { after: 151 } }, written[149]);
      await subject.caughtUp();
      const tail = await reader.readTail(key);
      expect({ checkpoint: tail.checkpoint?.state, commits: tail.commits, status: next.status }).toEqual({ checkpoint: { after: 151 }, commits: [], status: 'appended' });
      expect(tail.head).toEqual(tail.checkpoint?.recorded);
      expect(findBreak(await reader.readRun(key))).toBeUndefined();
    });

    it('decodes a commit from the message alone', async () => {
      const key = newRun();
      const [first] = await write(key, 1);
      const message = { subject: subjects.commit(partitionOf(key, log.partitions), key, 'wait'), sequence: first?.sequence ?? 0, data: new TextEncoder().encode(JSON.stringify(first?.commit)) };
      expect(await reader.decode(message)).toEqual(first);
      await expect(reader.decode({ ...message, data: new TextEncoder().encode('{"format":1}') })).rejects.toMatchObject({ code: 'log.corrupt', message: expect.stringContaining(key.runId) });
    });

    it('gives a place to one of two writers and tells the other what took it', async () => {
      const key = newRun();
      const rival = await subject.openWriter();
      const [first] = await write(key, 1);
      const results = await Promise.all([log.append(key, draft(2, '-mine'), first), rival.append(key, draft(2, '-theirs'), first)]);
      expect(results.map((result) => result.status).sort()).toEqual(['appended', 'lost']);
      const [lost, won] = [results.find((result) => result.status === 'lost'), results.find((result) => result.status === 'appended')];
      expect(lost?.status === 'lost' && won?.status === 'appended' && lost.head.commit.hash === won.recorded.commit.hash).toBe(true);
      await subject.caughtUp();
      expect((await reader.readRun(key)).map((recorded) => recorded.commit.number)).toEqual([1, 2]);
    });

    it('lets only one of many begin a run', async () => {
      const key = newRun();
      const results = await Promise.all(Array.from({ length: 8 }, (_, writer) => log.append(key, draft(1, `-${writer}`), undefined)));
      expect(results.filter((result) => result.status === 'appended')).toHaveLength(1);
      await subject.caughtUp();
      expect(await reader.readRun(key)).toHaveLength(1);
    });

    it('knows its own commit again when the same append is tried twice, also after others came behind it', async () => {
      const key = newRun();
      const [first, second] = await write(key, 3);
      expect(await log.append(key, draft(2), first)).toEqual({ status: 'appended', recorded: second });
      expect((await reader.readRun(key))).toHaveLength(3);
    });

    it('refuses an append behind a head that is no longer the head', async () => {
      const key = newRun();
      const written = await write(key, 3);
      const result = await log.append(key, draft(2, '-late'), written[0]);
      expect(result).toEqual({ status: 'lost', head: written[2], winner: written[1]?.sequence });
    });

    it('names the winner of a place however many commits came behind it', async () => {
      const key = newRun();
      const written = await write(key, 70);
      expect(await log.append(key, draft(3, '-late'), written[1])).toEqual({ status: 'lost', head: written[69], winner: written[2]?.sequence });
    });

    it('says that the log lost commits when it does not hold the one before', async () => {
      const key = newRun();
      const [first] = await write(key, 1);
      if (first === undefined) throw new Error('nothing was appended');
      const ahead = { sequence: first.sequence + 1_000_000, commit: { ...first.commit, number: 2, pointers: [first.sequence], previousHash: first.commit.hash } };
      expect(await log.append(key, draft(3), ahead)).toMatchObject({ status: 'unavailable', code: 'log.truncated', reason: expect.stringContaining(key.runId), remedy: expect.any(String) });
      expect(await reader.readRun(key)).toHaveLength(1);
    });

    it('keeps a large content elsewhere and gives it back whole, on every way of reading', async () => {
      const key = newRun();
      const partition = partitionOf(key, log.partitions);
      const large = 'x'.repeat(300 * 1024);
      const largeDraft: AppendableDraft = { ...draft(2), events: [{ type: 'timer-fired', timerId: large }], checkpoint: { large } };
      const [first] = await write(key, 1);
      const seen: RecordedCommit[] = [];
      const subscription = reader.follow([], (recorded) => void (recorded.commit.runId === key.runId && seen.push(recorded)));
      await subscription.caughtUp();
      const result = await log.append(key, largeDraft, first);
      if (result.status !== 'appended') throw new Error(result.status);
      const second = result.recorded;
      const third = await log.append(key, draft(3), second);
      await subject.caughtUp();
      await subscription.caughtUp();
      subscription.stop();

      expect(third.status).toBe('appended');
      const history = await reader.readRun(key);
      expect(history).toEqual([first, second, third.status === 'appended' ? third.recorded : undefined]);
      expect(findBreak(history)).toBeUndefined();
      expect(seen).toEqual(history);
      expect((await reader.readTail(key)).checkpoint).toEqual({ number: 2, state: { large }, recorded: second });
      const [message] = await reader.readStored(partition, second.sequence, 1, key);
      if (message === undefined) throw new Error('the commit is not stored');
      expect(message.data.byteLength).toBeLessThan(2_000);
      expect(await reader.decode(message)).toEqual(second);
      expect(await log.append(key, largeDraft, first)).toEqual(result);
    });

    it.each([900_000, 1_048_000, 1_100_000, 3_000_000])('divides a content of %i bytes where one message cannot carry it, and gives it back whole', async (bytes) => {
      const key = newRun();
      const [first] = await write(key, 1);
      const result = await log.append(key, { ...draft(2), events: [{ type: 'timer-fired', timerId: 'x'.repeat(bytes) }], checkpoint: { bytes } }, first);
      if (result.status !== 'appended') throw new Error(result.status);
      await subject.caughtUp();
      expect(await reader.readRun(key)).toEqual([first, result.recorded]);
      expect((await reader.readTail(key)).checkpoint?.recorded).toEqual(result.recorded);
      const [message] = await reader.readStored(partitionOf(key, log.partitions), result.recorded.sequence, 1, key);
      if (message === undefined) throw new Error('the commit is not stored');
      expect(message.data.byteLength).toBeLessThan(2_000);
      expect(await reader.decode(message)).toEqual(result.recorded);
      expect(await verifyRun(reader, key)).toMatchObject({ holds: true, commits: 2 });
    });

    it('refuses a content that even divided is too large, and says of which run it is', async () => {
      const key = newRun();
      await expect(log.append(key, { ...draft(1), events: [{ type: 'timer-fired', timerId: 'x'.repeat(52_000_000) }] }, undefined)).rejects.toMatchObject({ code: 'log.commit-too-large', retryable: false, message: expect.stringContaining(key.runId), remedy: expect.stringContaining('max_payload') });
      expect(await reader.head(key)).toBeUndefined();
      expect((await log.append(key, draft(1), undefined)).status).toBe('appended');
    });

    it('follows all partitions in order and leaves nothing out, from the beginning or from a place', async () => {
      const keys = Array.from({ length: 6 }, newRun);
      const seen: string[] = [];
      const subscription = reader.follow([], (recorded) => seen.push(`${recorded.commit.runId}:${recorded.commit.number}`));
      await Promise.all(keys.map((key) => write(key, 10)));
      await subscription.caughtUp();
      subscription.stop();
      for (const key of keys) expect(seen.filter((name) => name.startsWith(`${key.runId}:`))).toEqual(Array.from({ length: 10 }, (_, index) => `${key.runId}:${index + 1}`));
    });

    it('reads a partition in pages', async () => {
      const key = newRun();
      await write(key, 12);
      let total = 0;
      for (let partition = 0; partition < reader.partitions; partition += 1) {
        for (let sequence = 1; ;) {
          const page = await reader.readPartition(partition, sequence, 5);
          total += page.filter((recorded) => recorded.commit.runId === key.runId).length;
          const last = page.at(-1);
          if (last === undefined) break;
          sequence = last.sequence + 1;
        }
      }
      expect(total).toBe(12);
    });

    it('reads what comes after a commit, up to the head or to a commit that the reader has been given', async () => {
      const key = newRun();
      const written = await write(key, 40);
      expect(await reader.readAfter(key, 3)).toEqual(written.slice(3));
      expect(await reader.readAfter(key, 0, written[35])).toEqual(written.slice(0, 36));
      expect(await reader.readAfter(key, 37, written[37])).toEqual([written[37]]);
      expect(await reader.readAfter(key, 38, written[37])).toEqual([]);
      expect(await reader.readAfter(newRun(), 0)).toEqual([]);
    });

    it('lets a cached reader fetch each commit once and still see what is new', async () => {
      const key = newRun();
      const cached = new CachedRunReader(reader);
      const written = await write(key, 3);
      const before = await cached.read(key);
      const next = await log.append(key, draft(4), written.at(-1));
      await subject.caughtUp();
      const after = await cached.read(key, 4);
      expect([before.length, after.length, next.status]).toEqual([3, 4, 'appended']);
      expect(after[0]).toBe(before[0]);
      expect(await cached.read(key, 4)).toBe(after);
    });
  });
}
