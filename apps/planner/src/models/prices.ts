import { readFileSync } from 'node:fs';
import { HoldfastError, type Cost } from '@holdfast/contracts';
import { z } from 'zod';

const price = z.number().nonnegative().max(1_000_000);

/** What models cost, by their names, in a currency's whole units for a million tokens. Whoever pays keeps it up to date. */
const priceList = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a code of ISO 4217, such as USD'),
  /** The day of which the prices are; it is for people. */
  asOf: z.iso.date(),
  models: z.record(z.string(), z.strictObject({ input: price, output: price, /** Of input that the provider had in its cache, and that it put there; like other input where it is left out. */ cachedInput: price.optional(), cacheWrite: price.optional() })),
});
export type PriceList = z.infer<typeof priceList>;

export interface UsedTokens {
  readonly input: number;
  /** Of the input, what the provider had in its cache, and what it put there. */
  readonly cachedInput: number;
  readonly cacheWrite?: number;
  readonly output: number;
}

/** Reads the file. Throws `settings.model-prices`, which names what is wrong. */
export function readPrices(file: string | undefined): PriceList | undefined {
  if (file === undefined) return undefined;
  const invalid = (reason: string): HoldfastError => new HoldfastError({ code: 'settings.model-prices', message: `HOLDFAST_MODEL_PRICES names "${file}", which ${reason}.`, retryable: false, remedy: 'Write { "currency": "USD", "asOf": "2026-11-27", "models": { "provider/model": { "input": 1.25, "output": 10 } } }, prices for a million tokens.' });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw invalid('cannot be read as JSON');
  }
  const parsed = priceList.safeParse(value);
  if (!parsed.success) throw invalid(`is wrong: ${parsed.error.issues.slice(0, 3).map(({ path, message }) => `"${path.map(String).join('.')}": ${message}`).join('; ')}`);
  return parsed.data;
}

/** What a call cost, rounded up to a millionth of the currency's unit; undefined where nobody knows the price, which is not nothing. */
export function costOf(prices: PriceList | undefined, model: string, { input, cachedInput, cacheWrite = 0, output }: UsedTokens): Cost | undefined {
  const of = prices !== undefined && Object.hasOwn(prices.models, model) ? prices.models[model] : undefined;
  if (prices === undefined || of === undefined) return undefined;
  // A price for a million tokens in units is a price for one token in millionths of a unit.
  return { micros: Math.ceil((input - cachedInput - cacheWrite) * of.input + cachedInput * (of.cachedInput ?? of.input) + cacheWrite * (of.cacheWrite ?? of.input) + output * of.output), currency: prices.currency, asOf: prices.asOf };
}
