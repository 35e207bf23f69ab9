import type { EffectClaim } from '@holdfast/contracts';

/**
 * The claims that this process is working on or trying to make. A claim under its own name that is not among them was
 * given up, with whatever doubt it left.
 */
export class HeldClaims {
  /** Counted, since one call may try the same claim twice at once and only one of them loses it. */
  private readonly counts = new Map<string, number>();

  add(claim: EffectClaim): void {
    this.counts.set(nameOf(claim), (this.counts.get(nameOf(claim)) ?? 0) + 1);
  }

  remove(claim: EffectClaim): void {
    const left = (this.counts.get(nameOf(claim)) ?? 0) - 1;
    if (left > 0) this.counts.set(nameOf(claim), left);
    else this.counts.delete(nameOf(claim));
  }

  has(claim: EffectClaim): boolean {
    return this.counts.has(nameOf(claim));
  }
}

function nameOf({ operationKey, epoch, run, callId }: EffectClaim): string {
  return `${operationKey}/${epoch}/${run}/${callId}`;
}
