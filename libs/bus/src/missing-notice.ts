/** A broker that has just started answers "no responders" until it has recovered its streams. */
const SUSPICION_MS = 2_000;

/** Tells of a missing consumer once per absence, and of a mere suspicion only when it lasts. */
export class MissingNotice {
  private suspectedAt: number | undefined;
  private told = false;

  constructor(private readonly tell: (description: string) => void) {}

  /** It is certainly missing. */
  report(description: string): void {
    if (this.told) return;
    this.told = true;
    this.tell(description);
  }

  /** It may be missing, or only not there yet. */
  suspect(description: string): void {
    this.suspectedAt ??= Date.now();
    if (Date.now() - this.suspectedAt >= SUSPICION_MS) this.report(description);
  }

  /** It is there. */
  clear(): void {
    this.suspectedAt = undefined;
    this.told = false;
  }
}
