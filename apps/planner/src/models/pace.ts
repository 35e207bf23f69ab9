import { HoldfastError } from '@holdfast/contracts';

/** Requests a minute that this process may send to a provider, by the name before a model's slash. */
export type Rates = Readonly<Record<string, number>>;

const MINUTE_MS = 60_000;

/** Reads `openai=500,anthropic=50`. Throws `settings.model-rates`, which names what is wrong. */
export function ratesOf(text: string | undefined): Rates {
  return Object.fromEntries((text ?? '').split(',').filter((entry) => entry.trim() !== '').map((entry) => {
    const [, provider, rate] = /^\s*([a-z-]+)\s*=\s*([0-9]+)\s*$/.exec(entry) ?? [];
    if (provider === undefined || !(Number(rate) >= 1)) throw new HoldfastError({ code: 'settings.model-rates', message: `"${entry}" in HOLDFAST_MODEL_RATES is no rate.`, retryable: false, remedy: 'Write requests a minute by provider, such as openai=500,anthropic=50.' });
    return [provider, Number(rate)];
  }));
}

/** Spreads the requests to each provider evenly, so that its limit is not run into: each takes the next free instant. */
export class Pace {
  private readonly next = new Map<string, number>();

  /** `monotonic` answers milliseconds from any origin. */
  constructor(private readonly rates: Rates, private readonly monotonic: () => number) {}

  /** How long to wait before a request may be sent, in milliseconds; its place is taken with the answer. */
  reserve(model: string): number {
    const provider = model.split('/', 1)[0] ?? model;
    const rate = Object.hasOwn(this.rates, provider) ? this.rates[provider] : undefined;
    if (rate === undefined) return 0;
    const now = this.monotonic();
    const at = Math.max(now, this.next.get(provider) ?? 0);
    this.next.set(provider, at + MINUTE_MS / rate);
    return at - now;
  }
}
