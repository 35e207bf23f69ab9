import type { EffectClaim } from '@holdfast/contracts';

/**
 * The claims that this process is working on or trying to make. A claim under its own name that is not among them was
 * given up, with whatever doubt it left.
 */
export class HeldClaims {
  private readonly names = new Set<string>();

  /** False when the very same claim is held already: then it belongs to another caller in this process. */
  add(claim: EffectClaim): boolean {
    if (this.has(claim)) return false;
    this.names.add(nameOf(claim));
    return true;
  }

  remove(claim: EffectClaim): void {
    this.names.delete(nameOf(claim));
  }

  has(claim: EffectClaim): boolean {
    return this.names.has(nameOf(claim));
  }
}

function nameOf({ operationKey, epoch, run, callId }: EffectClaim): string {
  return `${operationKey}/${epoch}/${run}/${callId}`;
}
