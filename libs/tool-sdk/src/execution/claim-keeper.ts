import type { Claim } from '../ledger/operation.js';
import type { ExecutionMeans } from './call.js';
import { systemClock } from './clock.js';

/**
 * Keeps the claim of a call young while the call waits between two attempts, however long that is: for others the claim of
 * a worker that says nothing for an attempt's time is that of a dead one, and what it left would be in doubt for no reason.
 */
export class ClaimKeeper {
  private keeping: { readonly end: AbortController; readonly done: Promise<void> } | undefined;

  constructor(public claim: Claim, private readonly means: ExecutionMeans) {}

  start(): void {
    if (this.keeping !== undefined) return;
    const end = new AbortController();
    this.keeping = { end, done: this.keep(end.signal) };
  }

  /** Afterwards nothing but the caller writes under the claim. */
  async stop(): Promise<void> {
    this.keeping?.end.abort();
    await this.keeping?.done;
    this.keeping = undefined;
  }

  /** Throws {@link SupersededError}. */
  async renew(): Promise<void> {
    this.claim = await this.means.ledger.renew(this.claim);
  }

  private async keep(signal: AbortSignal): Promise<void> {
    const clock = this.means.clock ?? systemClock;
    try {
      for (;;) {
        await clock.sleep(this.claim.operation.attemptMs / 2, signal);
        if (signal.aborted) return;
        await this.renew();
      }
    } catch {
      // A claim that is lost, or a store that is away, is found by whoever renews or records next.
    }
  }
}
