import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { costOf, readPrices, type PriceList } from './prices.js';

const prices: PriceList = { currency: 'USD', asOf: '2026-11-27', models: { 'openai/gpt-5': { input: 1.25, output: 10, cachedInput: 0.125 }, 'own': { input: 0.5, output: 1 } } };

describe('what a model costs', () => {
  it('is by the million tokens, cached input by its own price, and rounded up to a millionth', () => {
    expect(costOf(prices, 'openai/gpt-5', { input: 1_000_000, cachedInput: 0, output: 100_000 })).toEqual({ micros: 2_250_000, currency: 'USD', asOf: '2026-11-27' });
    expect(costOf(prices, 'openai/gpt-5', { input: 1_000, cachedInput: 800, output: 10 })?.micros).toBe(200 * 1.25 + 800 * 0.125 + 100);
    expect(costOf({ ...prices, models: { dear: { input: 1, output: 1, cacheWrite: 1.25 } } }, 'dear', { input: 1_000, cachedInput: 200, cacheWrite: 400, output: 0 })?.micros).toBe(200 + 400 + 400 * 1.25);
    expect(costOf(prices, 'own', { input: 1, cachedInput: 1, output: 0 })?.micros).toBe(1);
  });

  it('is not known without a price, which is not nothing', () => {
    expect([costOf(undefined, 'own', { input: 1, cachedInput: 0, output: 1 }), costOf(prices, 'toString', { input: 1, cachedInput: 0, output: 1 })]).toEqual([undefined, undefined]);
  });

  it('is read from a file, and what is wrong in it is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'prices-'));
    try {
      const file = join(folder, 'prices.json');
      const read = (text: string) => { writeFileSync(file, text); return readPrices(file); };
      expect(read(JSON.stringify(prices))).toEqual(prices);
      expect(() => read('{')).toThrow(expect.objectContaining({ code: 'settings.model-prices' }));
      expect(() => read(JSON.stringify({ ...prices, currency: 'dollars' }))).toThrow(/"currency"/);
      expect(() => read(JSON.stringify({ ...prices, models: { own: { input: -1, output: 1 } } }))).toThrow(/"models.own.input"/);
      expect(readPrices(undefined)).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
