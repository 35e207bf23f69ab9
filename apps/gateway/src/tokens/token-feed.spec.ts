import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import type { HeardMessage, StoredMessage } from '@holdfast/bus';
import { TOKENS_STREAM, subjects, type TokenEvent } from '@holdfast/contracts';
import { createLogger } from '@holdfast/observability';
import { RunHistories } from '../runs/run-histories.js';
import { accepted, append, key, newLog } from '../runs/run.fixture.js';
import { EventStream } from '../streams/event-stream.js';
import { TokenFeeds } from './token-feeds.js';
import { readTokenPlace, streamTokens } from './token-stream.js';

const run = key('run-1');
const encoded = (event: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(event));
/** Lets everything that is ready run. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

const started = (basis: number, attempt = 1, n = 0): TokenEvent => ({ kind: 'started', basis, attempt, n, model: 'tried' });
const delta = (basis: number, attempt: number, n: number, offset: number, text: string): TokenEvent => ({ kind: 'delta', basis, attempt, n, offset, text });
const ended = (basis: number, attempt: number, n: number, outcome: 'answered' | 'failed' | 'recorded' = 'answered'): TokenEvent => ({ kind: 'ended', basis, attempt, n, outcome });

/** A run with one commit whose input has a secret, a bus that tells what it is given, and what is stored already. */
async function feeds(stored: readonly unknown[] = []) {
  const log = newLog();
  await append(log, run, 'plan', [{ ...accepted({ input: { pin: 'pin-4711' } }), labels: { 'input.pin': { trust: 'user', secrecy: 'secret', source: 'task.input.pin' } } }]);
  const hearing = new Map<string, (message: HeardMessage) => void>();
  const reconnected = new Set<() => void>();
  const reads: string[] = [];
  const made = new TokenFeeds({
    bus: {
      listen: (subject, handler) => {
        hearing.set(subject, handler);
        return () => void hearing.delete(subject);
      },
      getBatch: async (stream, sequence, _batch, filter) => {
        reads.push(`${stream} ${sequence} ${filter}`);
        return stored.map((event) => ({ data: encoded(event) }) as StoredMessage);
      },
      onReconnect: (callback) => {
        reconnected.add(callback);
        return () => reconnected.delete(callback);
      },
    },
    histories: new RunHistories(log), logger: createLogger({ service: 'gateway', level: 'silent' }),
  });
  const say = async (...events: readonly unknown[]): Promise<void> => {
    for (const event of events) hearing.get(subjects.tokensHeard(run))?.({ subject: '', data: encoded(event), header: () => undefined });
    await settled();
  };
  return { log, made, say, hearing, reconnected, reads };
}

const told = (feed: ReturnType<TokenFeeds['watch']>['feed'], after?: string): readonly string[] =>
  feed.after(readTokenPlace(after)).map(({ token }) => (token.kind === 'delta' ? `${token.offset}:${token.text}` : `${token.kind} ${token.attempt}`));

describe('the feed of a run\'s tokens', () => {
  it('is one subscription for all who watch, and ends with the last of them', async () => {
    const { made, hearing, reads, reconnected } = await feeds();
    const [one, other] = [made.watch(run), made.watch(run)];
    expect([one.feed === other.feed, hearing.size, reads]).toEqual([true, 1, [`${TOKENS_STREAM} 1 tokens.acme.run-1`]]);
    one.stop();
    expect(hearing.size).toBe(1);
    other.stop();
    expect([hearing.size, reconnected.size]).toEqual([0, 0]);
  });

  it('begins with the present step, from what is stored, and goes on with what is heard, each once', async () => {
    const stored = [started(1), delta(1, 1, 1, 0, 'Old. '), ended(1, 1, 2), started(1, 2), delta(1, 2, 1, 0, 'All is ')];
    const { made, say } = await feeds(stored);
    const { feed } = made.watch(run);
    await say(stored.at(-1), delta(1, 2, 2, 7, 'paid.'), ended(1, 2, 3));

    expect(told(feed)).toEqual(['started 2', '0:All is ', '7:paid.', 'ended 2']);
    expect(told(feed, '1.2.1')).toEqual(['7:paid.', 'ended 2']);
    expect(told(feed, '1.1.1')[0]).toBe('ended 1');
  });

  it('shows a takeover as a new beginning, and nothing more of the planner that woke up late', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(1), delta(1, 1, 1, 0, 'Half an '), started(1, 2), delta(1, 1, 2, 8, 'answer '), delta(1, 2, 1, 0, 'Whole '), ended(1, 1, 3), ended(1, 2, 2));

    expect(told(feed)).toEqual(['started 2', '0:Whole ', 'ended 2']);
    expect(told(feed, '1.1.0')).toEqual(['0:Half an ', 'started 2', '0:Whole ', 'ended 2']);
  });

  it('lets what was heard stand when the answer of an earlier attempt was recorded', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(1), delta(1, 1, 1, 0, 'All is paid.'), ended(1, 2, 0, 'recorded'));

    expect(told(feed)).toEqual(['started 1', '0:All is ', '7:paid.', 'ended 2']);
  });

  it('hides the run\'s secrets, also in pieces', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(1), delta(1, 1, 1, 0, 'The pin is pin-'), delta(1, 1, 2, 15, '4711 '), ended(1, 1, 3));

    expect(told(feed)).toEqual(['started 1', '0:The pin is ', '11:[secret] ', 'ended 1']);
  });

  it('shows a loss by the offsets, and nothing of a word of which the end was lost', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(1), delta(1, 1, 1, 0, 'The pin is pin-4'), delta(1, 1, 3, 20, ' at last '));

    expect(told(feed)).toEqual(['started 1', '0:The pin is ', '20: at last ']);
  });

  it('shows no step of which the log knows nothing, and nothing that is no token', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(7), 'nonsense', { kind: 'delta' }, { ...delta(1, 1, 1, 0, 'x'), more: 1 });
    expect(told(feed)).toEqual([]);
    await say(started(1));
    expect(told(feed)).toEqual(['started 1']);
  });

  it('keeps a bounded number of messages', async () => {
    const { made, say } = await feeds();
    const { feed } = made.watch(run);
    await say(started(1), ...Array.from({ length: 1_500 }, (_, index) => delta(1, 1, index + 1, 2 * index, 'x ')));

    expect(told(feed, '1.1.0')).toHaveLength(1_000);
  });
});

describe('the stream of a run\'s tokens', () => {
  it('sends each message under its place, and ends with the run', async () => {
    const { made, say } = await feeds();
    const { feed, stop } = made.watch(run);
    const output = new PassThrough();
    let end = (): void => undefined;
    const streaming = streamTokens(feed, (listener) => { end = listener; return () => undefined; }, new EventStream(output, { heartbeatMs: 60_000, patienceMs: 60_000 }), undefined);
    await say(started(1), delta(1, 1, 1, 0, 'Paid.'), ended(1, 1, 2));
    end();
    await streaming;
    stop();
    const text = String(Buffer.concat((await output.toArray()) as Buffer[]));

    expect(text).toBe([
      'id: 1.1.0\nevent: started\ndata: {"basis":1,"attempt":1,"model":"tried"}\n\n',
      'event: delta\ndata: {"basis":1,"attempt":1,"offset":0,"text":"Paid."}\n\n',
      'id: 1.1.2\nevent: ended\ndata: {"basis":1,"attempt":1,"outcome":"answered"}\n\n',
    ].join(''));
  });

  it.each(['x', '1.1', '1.1.', '1.1.1.1', '-1.0.0'])('goes on after no such place as %p', (header) => {
    expect(() => readTokenPlace(header)).toThrow(expect.objectContaining({ code: 'request.invalid' }));
  });
});
