import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InMemoryEventLog } from '@holdfast/event-log';
import { bearer, startGateway } from '../gateway.fixture.js';
import { accepted, append, ended, key, newLog } from '../runs/run.fixture.js';
import { OpenStreams } from './open-streams.js';

const SUBSCRIBERS = 500;
/** More than the sockets of both sides hold, so that whoever reads nothing holds something up. */
const PAYLOAD = 'x'.repeat(400_000);
const COMMITS = 24;

/** A client that keeps the ids of what it was sent, and what it needs to go on from there. */
class Subscriber {
  readonly ids: string[] = [];
  private rest = '';
  private answer: IncomingMessage | undefined;

  constructor(private readonly url: string) {}

  /** Reads until the stream ends, or until it has been sent `most` events more and drops the connection. */
  read(most = Number.POSITIVE_INFINITY): Promise<void> {
    const last = this.ids.at(-1);
    const until = this.ids.length + most;
    this.rest = '';
    return new Promise((resolve, reject) => {
      get(this.url, { agent: false, headers: { ...bearer('viewer'), ...(last === undefined ? {} : { 'last-event-id': last }) } }, (answer) => {
        this.answer = answer;
        answer.setEncoding('utf8').on('data', (text: string) => {
          this.take(text, until);
          if (this.ids.length >= until) answer.destroy();
        }).on('close', resolve).on('error', () => undefined);
      }).on('error', reject);
    });
  }

  /** Opens the stream and reads nothing of it. */
  stall(): Promise<void> {
    return new Promise((resolve, reject) => { get(this.url, { agent: false, headers: bearer('viewer') }, (answer) => { this.answer = answer.on('error', () => undefined); answer.pause(); resolve(); }).on('error', reject); });
  }

  vanish(): void {
    this.answer?.destroy();
  }

  private take(text: string, until: number): void {
    const events = (this.rest + text).split('\n\n');
    this.rest = events.pop() ?? '';
    for (const event of events) {
      const id = /^id: (.*)$/m.exec(event)?.[1];
      if (id !== undefined && this.ids.length < until) this.ids.push(id);
    }
  }
}

/** Lets everything that is ready run until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('many who watch one run', () => {
  let log: InMemoryEventLog;
  let app: NestFastifyApplication;
  let stop: () => Promise<void>;
  let streams: OpenStreams;
  let url: string;

  beforeEach(async () => {
    log = newLog();
    await append(log, key('run-1'), 'plan', [accepted()]);
    ({ app, stop } = await startGateway(log, undefined, { HOLDFAST_MAXIMUM_STREAMS: '600', HOLDFAST_RATE_PER_PRINCIPAL: '1000000', HOLDFAST_RATE_PER_TENANT: '1000000' }));
    await app.listen(0, '127.0.0.1');
    url = `${await app.getUrl()}/v1/runs/run-1/stream`;
    streams = app.get(OpenStreams);
  });
  afterEach(() => stop());

  const signal = (payload: string) => append(log, key('run-1'), 'plan', [{ type: 'signal-received', name: 'x', payload, by: 'otto', label: { trust: 'user', secrecy: 'internal', source: 's' } }]);

  it('are each told all of it, once and in order, also who drops the connection and comes back, and leave nothing open', async () => {
    const all = Array.from({ length: SUBSCRIBERS }, () => new Subscriber(url));
    const [steady, dropping] = [all.slice(0, SUBSCRIBERS / 2), all.slice(SUBSCRIBERS / 2)];
    const reading = [...steady.map((each) => each.read()), ...dropping.map(async (each, at) => { await each.read(1 + (at % COMMITS)); await each.read(); })];
    await until(() => streams.open >= steady.length);
    for (let n = 0; n < COMMITS; n += 1) await signal('small');
    await append(log, key('run-1'), 'end', [ended('Done.')]);
    await Promise.all(reading);

    const expected = Array.from({ length: COMMITS + 2 }, (_, at) => `${at + 1}.0`);
    expect(all.filter(({ ids }) => JSON.stringify(ids) !== JSON.stringify(expected)).map(({ ids }) => ids)).toEqual([]);
    await until(() => streams.open === 0);
    expect(streams.dropped).toBe(0);
  });

  it('are held up by nobody who reads nothing: such a client is dropped with one event in hand, and one that vanishes is let go', async () => {
    const [reader, stalled, vanishing] = [new Subscriber(url), new Subscriber(url), new Subscriber(url)];
    await Promise.all([stalled.stall(), vanishing.stall()]);
    const reading = reader.read();
    await until(() => streams.open === 3);
    for (let n = 0; n < COMMITS; n += 1) {
      await signal(PAYLOAD);
      await until(() => reader.ids.length >= n + 2);
    }
    await append(log, key('run-1'), 'end', [ended('Done.')]);
    await reading;
    expect([reader.ids.length, streams.open]).toEqual([COMMITS + 2, 2]);
    // Two clients that read nothing have one event each in hand, of the 10 MB that there are.
    expect(streams.bufferedBytes).toBeLessThan(2 * (PAYLOAD.length + 100_000));
    expect(streams.bufferedBytes).toBeGreaterThan(0);
    vanishing.vanish();
    await until(() => streams.open === 0);
    expect([streams.dropped, streams.bufferedBytes]).toEqual([1, 0]);
  });
});
