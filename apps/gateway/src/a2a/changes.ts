/** Tells whoever waits that something has changed since they waited last; several changes are told as one. */
export class Changes {
  private hasChanged = false;
  private wake: (() => void) | undefined;
  private readonly stopListening: () => void;
  private readonly onAbort = (): void => this.wake?.();

  constructor(listen: (listener: () => void) => () => void, private readonly until: AbortSignal) {
    this.stopListening = listen(() => {
      this.hasChanged = true;
      this.wake?.();
    });
    until.addEventListener('abort', this.onAbort);
  }

  /** True when something has changed; false when it is over. */
  async next(): Promise<boolean> {
    if (!this.hasChanged && !this.until.aborted) await new Promise<void>((resolve) => { this.wake = resolve; });
    this.wake = undefined;
    this.hasChanged = false;
    return !this.until.aborted;
  }

  stop(): void {
    this.stopListening();
    this.until.removeEventListener('abort', this.onAbort);
  }
}
