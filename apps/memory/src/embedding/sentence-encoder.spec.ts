import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { normalised } from './embedder.js';
import { SentenceEncoder } from './sentence-encoder.js';
import { withoutAddedCrashHandlers } from './crash-handlers.js';

describe('SentenceEncoder', () => {
  const encoder = new SentenceEncoder();
  const handlers = { exception: process.listeners('uncaughtException'), rejection: process.listeners('unhandledRejection') };

  beforeAll(() => encoder.load());

  it('is ready after loading and has left no crash handler in the process', () => {
    expect(encoder.state).toBe('ready');
    expect(process.listeners('uncaughtException')).toEqual(handlers.exception);
    expect(process.listeners('unhandledRejection')).toEqual(handlers.rejection);
  });

  it('names the model with the version of its weights', () => {
    expect(encoder.name).toMatch(/^universal-sentence-encoder-lite\/.+@\d+\.\d+\.\d+$/);
  });

  it('gives one vector of length 1 for each text, also for symbols that it does not know', async () => {
    const vectors = await encoder.embed(['Pay the invoice.', '☃', 'Überweisung', '42']);

    expect(vectors.map((vector) => vector.length)).toEqual([512, 512, 512, 512]);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('gives the same vectors in batches as one by one, in the order of the texts', async () => {
    const texts = Array.from({ length: 9 }, (_, index) => `${'A rather long sentence about suppliers. '.repeat(6)} Number ${index}.`);
    const together = await encoder.embed(texts);

    for (const [index, text] of texts.entries()) expect((await encoder.embed([text]))[0]).toEqual(together[index]);
  });

  it('puts a paraphrase nearer than another matter', async () => {
    const [question, paraphrase, other] = await encoder.embed(['The goods arrived too late.', 'The delivery was delayed.', 'Ferns are watered on Mondays.']);

    expect(cosine(question, paraphrase)).toBeGreaterThan(cosine(question, other) + 0.2);
  });

  it('refuses an empty text', async () => {
    await expect(encoder.embed(['good', '  '])).rejects.toThrow(RangeError);
  });

  it('says when the model cannot be loaded and tries again at the next request', async () => {
    const load = jest.fn<() => Promise<{ embed(texts: string[]): Promise<number[][]> }>>();
    load.mockRejectedValueOnce(new Error('no weights')).mockResolvedValue({ embed: async (texts) => texts.map(() => [3, 4]) });
    const failing = new SentenceEncoder(load);

    await expect(failing.embed(['text'])).rejects.toMatchObject({ code: 'memory.embedder-unavailable', retryable: true });
    expect(failing.state).toBe('failed');
    expect(await failing.embed(['text'])).toEqual([normalised([3, 4])]);
    expect(failing.state).toBe('ready');
  });

  it('loads once, however many ask at once', async () => {
    const load = jest.fn(async () => ({ embed: async (texts: string[]) => texts.map(() => [1, 0]) }));
    const shared = new SentenceEncoder(load);

    await Promise.all([shared.load(), shared.embed(['a']), shared.load(), shared.embed(['b'])]);

    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe('withoutAddedCrashHandlers', () => {
  it('leaves the handlers of others alone', async () => {
    const foreign = (): void => undefined;
    await withoutAddedCrashHandlers(async () => process.on('unhandledRejection', foreign));

    expect(process.listeners('unhandledRejection')).toContain(foreign);
    process.off('unhandledRejection', foreign);
  });
});

describe('normalised', () => {
  it('refuses a vector without a direction', () => {
    expect(() => normalised([0, 0])).toThrow(RangeError);
    expect(() => normalised([Number.NaN, 1])).toThrow(RangeError);
  });
});

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) throw new Error('A vector is missing.');
  return a.reduce((sum, component, index) => sum + component * (b[index] ?? 0), 0);
}
