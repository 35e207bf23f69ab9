import { describe, expect, it } from '@jest/globals';
import { MockLanguageModelV4 } from 'ai/test';
import { HoldfastError } from '@holdfast/contracts';
import { askInTurn, type Asking } from './ask-in-turn.js';
import { ModelError } from './model-error.js';
import { Pace, ratesOf } from './pace.js';

const models = ['one/a', 'two/b', 'three/c'].map((name) => ({ name, model: new MockLanguageModelV4() }));
const failing = (code: string, retryable = true, retryAfterMs?: number): ModelError => new ModelError({ code, message: code, retryable, remedy: 'Wait.' }, retryAfterMs);

/** Asks the models, of whom each answers what it is told, in order; `undefined` is an answer. */
async function asked(told: Readonly<Record<string, readonly (ModelError | undefined)[]>>, change: Partial<Asking> = {}) {
  const order: string[] = [];
  const pauses: number[] = [];
  const left = Object.fromEntries(Object.entries(told).map(([name, errors]) => [name, [...errors]]));
  let now = 0;
  const asking: Asking = { chance: () => 0.5, clock: () => (now += 1), sleep: async (ms) => void (ms > 0 && pauses.push(ms)), stopping: new AbortController().signal, timeoutMs: 10_000, ...change };
  const result = await askInTurn(models, async ({ name }) => {
    order.push(name);
    const error = left[name]?.shift();
    if (error !== undefined) throw error;
    return { text: `answer of ${name}` };
  }, asking).catch((error: unknown) => error);
  return { order, pauses, result };
}

describe('models that are asked in turn', () => {
  it('are asked until one answers, and every try is told', async () => {
    const { order, result } = await asked({ 'one/a': [failing('model.unavailable'), failing('model.unavailable')] });
    expect(order).toEqual(['one/a', 'one/a', 'two/b']);
    expect(result).toMatchObject({ answer: { text: 'answer of two/b' }, by: { name: 'two/b' }, tries: [{ by: { name: 'one/a' }, outcome: 'model.unavailable' }, { by: { name: 'one/a' }, outcome: 'model.unavailable' }, { by: { name: 'two/b' }, outcome: 'answered' }] });
  });

  it('wait with full jitter, or as long as a provider asks where that is short', async () => {
    expect((await asked({ 'one/a': [failing('model.unavailable')] })).pauses).toEqual([250]);
    expect((await asked({ 'one/a': [failing('model.unavailable')] }, { chance: () => 0 })).pauses).toEqual([]);
    expect((await asked({ 'one/a': [failing('model.rate-limited', true, 3_000)] })).pauses).toEqual([3_000]);
  });

  it.each([
    ['a key that is refused', failing('model.refused', false)], ['a prompt that is rejected', failing('model.rejected', false)],
    ['a long pause', failing('model.rate-limited', true, 60_000)], ['a time-out', failing('model.timeout')],
  ])('are passed over at once after %s', async (_, error) => {
    const { order, pauses } = await asked({ 'one/a': [error, undefined] });
    expect([order, pauses]).toEqual([['one/a', 'two/b'], []]);
  });

  it('fail together with what may pass, so that the step is tried again', async () => {
    const { result } = await asked({ 'one/a': [failing('model.rate-limited', true, 60_000)], 'two/b': [failing('model.refused', false)], 'three/c': [failing('model.rejected', false)] });
    expect(result).toMatchObject({ code: 'model.rate-limited', retryable: true, retryAfterMs: 60_000 });
    expect((await asked({ 'one/a': [failing('model.refused', false)], 'two/b': [failing('model.refused', false)], 'three/c': [failing('model.rejected', false)] })).result).toMatchObject({ code: 'model.rejected', retryable: false });
  });

  it('are passed over where the answer cannot be used, and the last such answer is given back when none does better', async () => {
    const empty = failing('model.no-answer');
    const order: string[] = [];
    const ask = (better?: string) => askInTurn(models, async ({ name }) => {
      order.push(name);
      if (name === 'three/c') throw failing('model.refused', false);
      return name === better ? { text: 'fine' } : { text: `half of ${name}`, unusable: empty };
    }, { chance: () => 0, clock: () => 0, sleep: async () => undefined, stopping: new AbortController().signal, timeoutMs: 1_000 });

    expect(await ask('two/b')).toMatchObject({ answer: { text: 'fine' }, tries: [{ outcome: 'model.no-answer', answer: { text: 'half of one/a' } }, { outcome: 'model.no-answer' }, { outcome: 'answered' }] });
    order.length = 0;
    expect(await ask()).toMatchObject({ answer: { text: 'half of two/b', unusable: empty }, by: { name: 'two/b' } });
    expect(order).toEqual(['one/a', 'one/a', 'two/b', 'two/b', 'three/c']);
  });

  it('are not asked any more when the planner stops, and a bug is not taken for a model that is away', async () => {
    const stopped = AbortSignal.abort();
    expect(await asked({}, { stopping: stopped })).toMatchObject({ order: [], result: { code: 'model.timeout', retryable: true } });
    await expect(askInTurn(models, () => Promise.reject(new TypeError('bug')), { chance: () => 0, clock: () => 0, sleep: async () => undefined, stopping: new AbortController().signal, timeoutMs: 1 })).rejects.toThrow('bug');
  });

  it('keep to the rate of their provider, and pass over one whose turn would come too late', async () => {
    let now = 0;
    const pace = new Pace(ratesOf('one=60'), () => now);
    expect((await asked({}, { pace })).pauses).toEqual([]);
    expect((await asked({}, { pace })).pauses).toEqual([1_000]);
    expect(await asked({}, { pace, timeoutMs: 500 })).toMatchObject({ order: ['two/b'], result: { tries: [{ outcome: 'model.overbooked' }, { outcome: 'answered' }] } });
    now = 60_000;
    expect((await asked({}, { pace })).pauses).toEqual([]);
  });
});

describe('rates', () => {
  it('are read by provider, and refused where they are none', () => {
    expect(ratesOf(' openai=500, anthropic=50 ')).toEqual({ openai: 500, anthropic: 50 });
    expect(ratesOf(undefined)).toEqual({});
    for (const text of ['openai', 'openai=0', 'openai=fast', 'openai=1.5']) expect(() => ratesOf(text)).toThrow(HoldfastError);
  });
});
