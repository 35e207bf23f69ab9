import { ToolError } from '../tools/tool-error.js';
import type { SharedBreaker } from './shared-breaker.js';
import type { RateToken, SharedRate } from './shared-rate.js';

/** The code of an attempt that was not begun because its claim had grown too old; no fault of the tool. */
export const CLAIM_EXPIRED = 'tool.claim-expired';
const TOKEN_EXPIRED = 'tool.rate-token-expired';
const NO_FAULT_OF_THE_TOOL: readonly string[] = [CLAIM_EXPIRED, TOKEN_EXPIRED, 'tool.deadline-exceeded'];

/** The right to begin one attempt. It is either run or released; releasing what was run does nothing. */
export class Admission {
  private ended = false;

  constructor(private readonly tool: string, private readonly probes: boolean, private readonly breaker: SharedBreaker, private readonly rate?: { readonly limit: SharedRate; readonly token: RateToken }) {}

  /** Acts, and lets the breaker know how that went: a refusal by the business is no failure of the tool. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    if (this.rate !== undefined && !this.rate.limit.isFresh(this.rate.token)) {
      this.release();
      throw ToolError.notDone({ code: TOKEN_EXPIRED, message: `Too much time passed since ${this.tool} was let through by its rate limit.` });
    }
    this.ended = true;
    try {
      const result = await act();
      this.breaker.succeeded(this.probes);
      return result;
    } catch (error) {
      this.count(error);
      throw error;
    }
  }

  /** To be called when nothing was sent after all, so that another call may go in its place. */
  release(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.rate !== undefined) this.rate.limit.giveBack(this.rate.token);
    if (this.probes) this.breaker.giveBack();
  }

  private count(error: unknown): void {
    if (!(error instanceof ToolError) || NO_FAULT_OF_THE_TOOL.includes(error.code)) {
      if (this.probes) this.breaker.giveBack();
      return;
    }
    if (error.kind === 'refused' || error.kind === 'done') {
      this.breaker.succeeded(this.probes);
      return;
    }
    this.breaker.failed(this.probes, error.message, error.kind === 'not-done' ? error.retryAfterMs : undefined);
  }
}
