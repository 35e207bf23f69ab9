import { LONGEST_DELTA, type TokenEvent } from '@holdfast/contracts';
import type { ModelListener } from '../models/overheard-model.js';

/** Words are told together with all that come within so many milliseconds, so that a fast model does not flood the bus. */
const TOGETHER_MS = 50;

type Said = TokenEvent extends infer E ? (E extends TokenEvent ? Omit<E, 'basis' | 'attempt' | 'n'> : never) : never;

/**
 * Tells whoever watches a run what its model says, one attempt at one step. It never waits and never fails: what cannot be
 * told now is not told. A first attempt that is over sooner than anything would be told costs the bus nothing.
 */
export class Narration implements ModelListener {
  private n = 0;
  /** Characters that were told since the last beginning. */
  private told = 0;
  private waiting = '';
  private beginning: Said | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (event: TokenEvent) => void, private readonly step: Pick<TokenEvent, 'basis' | 'attempt'>) {}

  started(model: string): void {
    this.beginning = { kind: 'started', model: model.slice(0, 256) };
    this.waiting = '';
    this.told = 0;
    this.tellSoon();
  }

  said(text: string): void {
    this.waiting += text;
    if (this.waiting.length >= LONGEST_DELTA) this.tellNow();
    else this.tellSoon();
  }

  ended(outcome: Extract<TokenEvent, { kind: 'ended' }>['outcome'], reason?: string): void {
    const wasHeard = this.n > 0 || this.step.attempt > 1;
    if (wasHeard) {
      this.tellNow();
      this.send({ kind: 'ended', outcome, ...(reason === undefined ? {} : { reason: reason.slice(0, 256) }) });
    }
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private tellSoon(): void {
    this.timer ??= setTimeout(() => this.tellNow(), TOGETHER_MS);
  }

  private tellNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.beginning !== undefined) this.send(this.beginning);
    this.beginning = undefined;
    for (; this.waiting !== ''; this.waiting = this.waiting.slice(LONGEST_DELTA)) {
      const text = this.waiting.slice(0, LONGEST_DELTA);
      this.send({ kind: 'delta', offset: this.told, text });
      this.told += text.length;
    }
  }

  private send(said: Said): void {
    this.tell({ ...said, ...this.step, n: this.n } as TokenEvent);
    this.n += 1;
  }
}
