const LIFE_SECONDS = 10;

interface Second {
  readonly second: number;
  calls: number;
  retries: number;
}

/**
 * Keeps retries from multiplying an outage: within the last ten seconds they may be at most 20 % of the calls, and 10 a
 * second besides, so that a quiet tool may retry at all. The numbers are those of Finagle's RetryBudget
 * (finagle.github.io/blog/2016/02/08/retry-budgets). One budget holds for one tool in one process.
 */
export class RetryBudget {
  private readonly seconds: Second[] = [];

  /** `now` is a clock in milliseconds. */
  constructor(private readonly now: () => number, private readonly share = 0.2, private readonly perSecond = 10) {}

  /** To be told of the first attempt of every call. */
  deposit(): void {
    this.current().calls += 1;
  }

  /** True, and counted, when a retry may be made. */
  withdraw(): boolean {
    const current = this.current();
    const sum = (of: 'calls' | 'retries'): number => this.seconds.reduce((total, second) => total + second[of], 0);
    if (sum('retries') + 1 > this.perSecond * LIFE_SECONDS + this.share * sum('calls')) return false;
    current.retries += 1;
    return true;
  }

  private current(): Second {
    const second = Math.floor(this.now() / 1_000);
    while (this.seconds[0] !== undefined && this.seconds[0].second <= second - LIFE_SECONDS) this.seconds.shift();
    const last = this.seconds.at(-1);
    if (last?.second === second) return last;
    const fresh = { second, calls: 0, retries: 0 };
    this.seconds.push(fresh);
    return fresh;
  }
}
