import { describe, expect, it } from '@jest/globals';
import { MockLanguageModelV4 } from 'ai/test';
import { askInTurn, type Asking } from './ask-in-turn.js';
import { Closures } from './closures.js';
import { ModelError } from './model-error.js';

const failing = (code: string, retryable = true, retryAfterMs?: number): ModelError => new ModelError({ code, message: code, retryable, remedy: 'Wait.' }, retryAfterMs);

/** Steps of one process, whose only model answers what it is told, by a clock that sleeping moves on. */
function steps(told: (number: number) => ModelError | undefined) {
  const stage = { now: 0, asked: 0 };
  const closures = new Closures(() => stage.now);
  const asking: Asking = { closures, chance: () => 0, clock: () => stage.now, sleep: async (ms) => void (stage.now += ms), stopping: new AbortController().signal, timeoutMs: 1_000 };
  const step = (name = 'one/a') => askInTurn([{ name, model: new MockLanguageModelV4() }], async () => {
    const error = told(stage.asked += 1);
    if (error !== undefined) throw error;
    return { text: 'fine' };
  }, asking).catch((error: unknown) => error);
  return { stage, step };
}

describe('what one step was told by a provider', () => {
  it('of a pause keeps all others from asking until it is over, and they are told how long that is', async () => {
    const { stage, step } = steps((number) => (number === 1 ? failing('model.rate-limited', true, 20_000) : undefined));
    expect(await step()).toMatchObject({ code: 'model.rate-limited', retryAfterMs: 20_000 });
    stage.now += 5_000;
    expect(await step()).toMatchObject({ code: 'model.rate-limited', retryAfterMs: 15_000 });
    expect(stage.asked).toBe(1);
    stage.now += 15_000;
    expect(await step()).toMatchObject({ answer: { text: 'fine' } });
    expect(await step()).toMatchObject({ answer: { text: 'fine' } });
    expect(stage.asked).toBe(3);
  });

  it('of a short pause is waited for by the others too', async () => {
    const { stage, step } = steps((number) => (number === 1 ? failing('model.rate-limited', true, 3_000) : undefined));
    expect(await step()).toMatchObject({ tries: [{ outcome: 'model.rate-limited' }, { outcome: 'answered' }] });
    expect(stage.now).toBe(3_000);
  });

  it('of a wrong key keeps all others from asking for half a minute, and then one of them looks', async () => {
    const { stage, step } = steps(() => failing('model.refused', false));
    for (let number = 0; number < 10; number += 1) expect(await step()).toMatchObject({ code: 'model.refused', retryable: false });
    expect(stage.asked).toBe(1);
    stage.now += 30_000;
    for (let number = 0; number < 10; number += 1) await step();
    expect(stage.asked).toBe(2);
  });

  it('is not held against the provider\'s other models', async () => {
    const { stage, step } = steps((number) => (number === 1 ? failing('model.rate-limited', true, 20_000) : undefined));
    await step();
    expect(await step('one/b')).toMatchObject({ answer: { text: 'fine' } });
    expect(stage.asked).toBe(2);
  });

  it('is forgotten when the model fails otherwise: nobody is kept from asking it', async () => {
    const { stage, step } = steps((number) => [failing('model.rate-limited', true, 20_000), failing('model.unavailable'), failing('model.unavailable')][number - 1]);
    await step();
    stage.now += 20_000;
    expect(await step()).toMatchObject({ code: 'model.unavailable' });
    expect(await step()).toMatchObject({ answer: { text: 'fine' } });
    expect(stage.asked).toBe(4);
  });
});
