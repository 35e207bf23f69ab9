import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Bus } from '@holdfast/bus';
import { Bench } from './bench.fixture.js';

/** The stream of dead letters is the one that a role can read and from which messages can be deleted. */
describe('reading a stream', () => {
  let bench: Bench;
  let gateway: Bus;
  beforeAll(async () => {
    bench = await Bench.start();
    gateway = await bench.bus('gateway');
    for (let letter = 1; letter <= 40; letter += 1) await gateway.publish(`dead.${letter % 2 === 0 ? 'even' : 'odd'}.intake.${letter}`, letter === 9 ? '' : `letter ${letter}`, { headers: { number: String(letter) } });
    for (const seq of [3, 4, 5, 40]) await bench.api('STREAM.MSG.DELETE.DEAD', { seq });
  });
  afterAll(() => bench.stop());

  const sequences = async (...question: Parameters<Bus['getBatch']>): Promise<readonly number[]> => (await gateway.getBatch(...question)).map(({ sequence }) => sequence);
  const range = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

  it('brings a page in order and over gaps', async () => {
    expect(await sequences('DEAD', 1, 5)).toEqual([1, 2, 6, 7, 8]);
    expect(await sequences('DEAD', 4, 2)).toEqual([6, 7]);
  });

  it('is not ended by a message without a body', async () => {
    const letters = await gateway.getBatch('DEAD', 8, 4);
    expect(letters.map(({ sequence, data }) => [sequence, data.length > 0])).toEqual([[8, true], [9, false], [10, true], [11, true]]);
  });

  it('brings only what the filter matches, with subject and headers', async () => {
    const letters = await gateway.getBatch('DEAD', 1, 3, 'dead.even.>');
    expect(letters.map(({ subject, header }) => [subject, header('number'), header('absent')])).toEqual([['dead.even.intake.2', '2', undefined], ['dead.even.intake.6', '6', undefined], ['dead.even.intake.8', '8', undefined]]);
  });

  it('brings fewer than were asked for at the end, and none after it', async () => {
    expect(await sequences('DEAD', 37, 10)).toEqual([37, 38, 39]);
    expect(await sequences('DEAD', 40, 10)).toEqual([]);
    expect(await sequences('DEAD', 1_000, 10)).toEqual([]);
    expect(await sequences('DEAD', 1, 10, 'dead.nobody.>')).toEqual([]);
    expect(await sequences('LOG-0', 1, 10)).toEqual([]);
  });

  it('reads the whole stream page by page, each message once', async () => {
    const seen: number[] = [];
    for (let next = 1; ;) {
      const page = await sequences('DEAD', next, 7);
      seen.push(...page);
      if (page.length < 7) break;
      next = (page.at(-1) ?? 0) + 1;
    }
    expect(seen).toEqual([1, 2, ...range(6, 39)]);
  });

  it('brings as many as were asked for though the broker cuts its answers at eight megabytes', async () => {
    for (let letter = 0; letter < 20; letter += 1) await gateway.publish(`dead.large.intake.${letter}`, 'x'.repeat(900_000));
    expect(await sequences('DEAD', 41, 20)).toEqual(range(41, 60));
    expect(await sequences('DEAD', 41, 19)).toEqual(range(41, 59));
    expect(await sequences('DEAD', 41, 100)).toEqual(range(41, 60));
  });

  it('finds single messages, and says so when there is none', async () => {
    expect((await gateway.lastBySubject('DEAD', 'dead.odd.>'))?.sequence).toBe(39);
    expect(await gateway.lastBySubject('DEAD', 'dead.nobody.>')).toBeUndefined();
    expect((await gateway.getBySequence('DEAD', 6))?.header('number')).toBe('6');
    expect(await gateway.getBySequence('DEAD', 4)).toBeUndefined();
    expect(await gateway.getBySequence('DEAD', 1_000)).toBeUndefined();
  });

  it('leaves no subscription behind after a thousand reads of every kind', async () => {
    const reader = await bench.bus('gateway', { name: 'thousand-reads' });
    await reader.getBatch('DEAD', 1, 2);
    const before = await bench.subscriptions('thousand-reads');
    for (let read = 0; read < 1_000; read += 1) {
      await Promise.all([reader.getBatch('DEAD', 1 + (read % 45), 3), reader.lastBySubject('DEAD', 'dead.odd.>'), reader.getBySequence('DEAD', read + 1)]);
    }
    await expect(reader.getBatch('LOG-99', 1, 1)).rejects.toThrow();
    await reader.isReady();
    expect(before).toBeGreaterThan(0);
    expect(await bench.subscriptions('thousand-reads')).toBe(before);
  });

  it('throws our own error, and tells it from an empty stream, when the stream is out of reach', async () => {
    const unavailable = { name: 'HoldfastError', code: 'bus.unavailable', retryable: true };
    await expect(gateway.getBatch('LOG-99', 1, 1)).rejects.toMatchObject(unavailable);
    await expect(gateway.getBySequence('EFFECTS', 1)).rejects.toMatchObject(unavailable);
    await bench.broker.kill();
    await expect(gateway.lastBySubject('DEAD', 'dead.>')).rejects.toMatchObject(unavailable);
    await expect(gateway.getBatch('DEAD', 1, 1)).rejects.toMatchObject(unavailable);
    await bench.broker.restart();
  });
});
