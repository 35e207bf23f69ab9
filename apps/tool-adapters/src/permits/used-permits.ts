import { hash } from 'node:crypto';

/** More than a worker executes in the life of a permit. The oldest give way; the ledger stands behind them for whatever acts. */
const REMEMBERED = 100_000;

/** The permits that this process has seen used, each bound to its dispatch. Another process knows of none of them. */
export class UsedPermits {
  private readonly dispatches = new Map<string, number>();

  /** False when the permit was used for another dispatch; a redelivery of the same one is no second use. */
  claim(token: string, dispatch: number): boolean {
    const key = hash('sha256', token, 'base64url');
    const known = this.dispatches.get(key);
    if (known !== undefined) return known === dispatch;
    const oldest = this.dispatches.size < REMEMBERED ? undefined : this.dispatches.keys().next().value;
    if (oldest !== undefined) this.dispatches.delete(oldest);
    this.dispatches.set(key, dispatch);
    return true;
  }
}
