import { describe, expect, it } from '@jest/globals';
import { PassThrough, Writable } from 'node:stream';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { RunHistories } from '../runs/run-histories.js';
import { RunIndex } from '../runs/run-index.js';
import { PERMIT, append, decided, ended, key, newLog, payInvoice } from '../runs/run.fixture.js';
import type { RunSummary } from '../runs/run-summary.js';
import { EventStream } from './event-stream.js';
import { STREAM_START, isAfter, readLastEventId } from './resume.js';
import { isExhausted, streamRun, type RunStreamSource } from './run-stream.js';
import { streamChanges } from './tenant-stream.js';

const run = key('run-1');
const patient = { heartbeatMs: 60_000, patienceMs: 60_000 };

async function follow(log: InMemoryEventLog): Promise<RunStreamSource> {
  const index = new RunIndex(log, 10, { error: () => undefined, info: () => undefined });
  await index.start();
  const histories = new RunHistories(log);
  return { history: (atLeast) => histories.find(run, atLeast), onCommit: (listener) => index.onCommit(run, listener) };
}

/** Everything that a client of an ended stream was sent. */
async function textOf(output: PassThrough): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of output) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

const idsOf = (text: string): readonly string[] => [...text.matchAll(/^id: (.*)$/gm)].map((match) => match[1] ?? '');
/** Lets everything that is ready run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the stream of a run', () => {
  it('sends all events of an ended run and closes', async () => {
    const log = newLog();
    await payInvoice(log, run);
    const output = new PassThrough();
    const stream = new EventStream(output, patient);
    const [text] = await Promise.all([textOf(output), streamRun(await follow(log), stream, STREAM_START)]);

    expect(idsOf(text)).toEqual(['1.0', '2.0', '2.1', '2.2', '3.0', '4.0', '4.1', '5.0', '5.1', '6.0', '6.1']);
    expect(text).toMatch(/^id: 1\.0\nevent: task-accepted\ndata: \{.*\}\n\n/);
    expect(text).not.toContain(PERMIT);
    expect(stream.isOpen).toBe(false);
  });

  it.each([
    ['4.0', ['4.1', '5.0', '5.1', '6.0', '6.1']],
    ['6.0', ['6.1']],
    ['6.1', []],
  ])('goes on after %s', async (last, expected) => {
    const log = newLog();
    await payInvoice(log, run);
    const output = new PassThrough();
    const [text] = await Promise.all([textOf(output), streamRun(await follow(log), new EventStream(output, patient), readLastEventId(last))]);

    expect(idsOf(text)).toEqual(expected);
  });

  it('sends what happens while it is open, each event once, until the run ends', async () => {
    const log = newLog();
    await payInvoice(log, run, 4);
    const output = new PassThrough();
    const streaming = streamRun(await follow(log), new EventStream(output, patient), readLastEventId('3.0'));
    await settled();
    await append(log, run, 'plan', [{ type: 'signal-received', name: 'x', payload: 1, by: 'otto', label: { trust: 'user', secrecy: 'internal', source: 's' } }]);
    await append(log, run, 'wait', [{ type: 'run-paused', by: 'otto', reason: '' }]);
    await settled();
    await append(log, run, 'end', [{ type: 'run-ended', status: 'cancelled', reason: 'x' }]);
    const [text] = await Promise.all([textOf(output), streaming]);

    expect(idsOf(text)).toEqual(['4.0', '4.1', '5.0', '6.0', '7.0']);
  });

  it('misses no commit that falls between the opening and the first read', async () => {
    const log = newLog();
    await payInvoice(log, run, 5);
    const source = await follow(log);
    // The reader remembers five commits; the sixth comes before anyone listens.
    await source.history();
    await append(log, run, 'end', [decided(5, [], 'Paid.'), ended('Paid.')]);
    const output = new PassThrough();
    const [text] = await Promise.all([textOf(output), streamRun(source, new EventStream(output, patient), readLastEventId('5.1'))]);

    expect(idsOf(text)).toEqual(['6.0', '6.1']);
  });

  it('looks when it is bidden to, though nobody tells it of a commit', async () => {
    const log = newLog();
    await payInvoice(log, run, 5);
    const source = await follow(log);
    let bid: (number: number | undefined) => void = () => undefined;
    const output = new PassThrough();
    const deaf: RunStreamSource = { ...source, onCommit: (listener) => { bid = listener; return () => undefined; } };
    const streaming = streamRun(deaf, new EventStream(output, patient), readLastEventId('4.1'));
    const received = textOf(output);
    await settled();
    await append(log, run, 'end', [decided(5, [], 'Paid.'), ended('Paid.')]);
    // What an index that is behind tells is older than what was sent; it must not be taken for all there is.
    bid(2);
    bid(undefined);
    const [text] = await Promise.all([received, streaming]);

    expect(idsOf(text)).toEqual(['5.0', '5.1', '6.0', '6.1']);
  });

  it('stops listening when the client goes', async () => {
    const log = newLog();
    await payInvoice(log, run, 2);
    const source = await follow(log);
    let listening = 0;
    const output = new PassThrough();
    output.resume();
    const counted: RunStreamSource = { ...source, onCommit: (listener) => { listening += 1; const stop = source.onCommit(listener); return () => { listening -= 1; stop(); }; } };
    const streaming = streamRun(counted, new EventStream(output, patient), STREAM_START);
    await settled();
    const during = listening;
    output.destroy();
    await streaming;

    expect([during, listening]).toEqual([1, 0]);
  });

  it('drops a client that reads nothing, having buffered one event at most', async () => {
    const log = newLog();
    await payInvoice(log, run);
    const written: string[] = [];
    const stuck = new Writable({ highWaterMark: 16, write: (chunk: Buffer) => void written.push(chunk.toString('utf8')) });
    await streamRun(await follow(log), new EventStream(stuck, { heartbeatMs: 60_000, patienceMs: 5 }), STREAM_START);

    expect(written.map((text) => idsOf(text))).toEqual([['1.0']]);
    expect(stuck.destroyed).toBe(true);
    expect(stuck.writableLength).toBeLessThan(5_000);
  });

  it('sends heartbeats while nothing happens', async () => {
    const output = new PassThrough();
    const stream = new EventStream(output, { heartbeatMs: 1, patienceMs: 60_000 });
    const [first] = (await output.take(1).toArray()) as Buffer[];
    stream.end();

    expect(first?.toString('utf8')).toBe(': heartbeat\n\n');
  });

  it('has nothing left when an ended run was received to its end', async () => {
    const log = newLog();
    await payInvoice(log, run, 5);
    const open = await log.readRun(run);
    await append(log, run, 'end', [decided(5, [], 'Paid.'), ended('Paid.')]);
    const closed = await log.readRun(run);
    const at = (id: string) => readLastEventId(id);

    expect([isExhausted(open, at('5.1')), isExhausted(closed, at('6.0')), isExhausted(closed, at('6.1')), isExhausted([], STREAM_START)]).toEqual([false, false, true, false]);
  });
});

describe('the place in a stream', () => {
  it.each(['x', '1', '1.', '.1', '1.0.0', '-1.0', '1.0 ', '99999999999999999.0'])('is not %p', (header) => {
    expect(() => readLastEventId(header)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });

  it('orders by commit first, then by index', () => {
    const position = readLastEventId('10.2');

    expect([isAfter(9, 9, position), isAfter(10, 2, position), isAfter(10, 3, position), isAfter(11, 0, position)]).toEqual([false, false, true, true]);
    expect(isAfter(1, 0, readLastEventId(undefined))).toBe(true);
  });
});

describe('the stream of changes', () => {
  const summary = (runId: string, commits: number): RunSummary => ({ runId, commits } as RunSummary);

  it('tells several changes of one run as the latest, to a client that is slow', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const stream = new EventStream(output, patient);
    let tell: (summary: RunSummary) => void = () => undefined;
    const streaming = streamChanges((listener) => { tell = listener; return () => undefined; }, stream);
    tell(summary('a', 1));
    await settled();
    for (const commits of [2, 3, 4]) tell(summary('a', commits));
    tell(summary('b', 1));
    const told: string[] = [];
    for await (const part of output) {
      told.push(...[...String(part).matchAll(/"runId":"(\w)","commits":(\d)/g)].map((match) => `${match[1]}${match[2]}`));
      if (told.includes('b1')) break;
    }
    stream.end();
    await streaming;

    expect(told).toEqual(['a1', 'a4', 'b1']);
  });

  it('gives a client up that lets too many runs wait', async () => {
    const output = new Writable({ highWaterMark: 1, write: () => undefined });
    const stream = new EventStream(output, patient);
    let tell: (summary: RunSummary) => void = () => undefined;
    const streaming = streamChanges((listener) => { tell = listener; return () => undefined; }, stream);
    for (let number = 0; number < 1_002; number += 1) tell(summary(`run-${number}`, 1));
    await streaming;

    expect(stream.isOpen).toBe(false);
  });
});
