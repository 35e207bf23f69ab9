import { rateRecord, type GuardStore, type RateRecord } from './guard-store.js';

export interface SharedRateSettings {
  readonly tool: string;
  readonly calls: number;
  readonly perMs: number;
  readonly store: GuardStore;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number;
}

/** The right to begin one call until a moment of the worker's monotonic clock. */
export interface RateToken {
  readonly until: number;
}

/** Before it has passed, asking again is pointless. */
export interface RateRefusal {
  readonly waitMs: number;
}

const AWAY_MS = 250;
const CONFLICT_MS = 5;

/** How long a token may be used after its block was asked for: a fifth of the window, at least 100 ms and at most 5 s. */
export function useMsOf(perMs: number): number {
  return Math.min(5_000, Math.max(100, perMs / 5));
}

/**
 * A rate limit that holds over all workers: **in no window of `perMs` do more than `calls` calls begin.**
 *
 * A worker takes a block of tokens by compare-and-set. A token may be used for `use` ({@link useMsOf}) after its block was
 * asked for, and counts as used until `perMs + use` after the block was stored, whether it was used or not. So all
 * tokens used in a window are counted together at the window's end, and never more than `calls` are counted. The price
 * is that of a steady stream at least perMs / (perMs + use + perMs/50) of the limit is reached, and that tokens of a dead worker
 * come back as late as if they had been used.
 *
 * Workers' wall clocks play no part: blocks carry the store's own stamps, "now" is the latest stamp seen plus what passed
 * since on the monotonic clock, which is never later than the store's now. A store whose clock is set forward by d, as
 * when another broker becomes leader, gives back tokens up to d early, once. While the store is away no token is had and
 * calls wait within their deadline: without the broker no call could be claimed or reported either.
 */
export class SharedRate {
  private tokens: RateToken[] = [];
  private asking: Promise<RateRefusal | undefined> | undefined;
  private waiting = 0;
  private lastSize = 0;
  private askedAt = Number.NEGATIVE_INFINITY;
  /** Store's time less monotonic time, at most; undefined until a stamp of the moment was seen. */
  private ahead = Number.NEGATIVE_INFINITY;
  private inStep = false;
  private readonly useMs: number;

  constructor(private readonly settings: SharedRateSettings) {
    this.useMs = useMsOf(settings.perMs);
  }

  async take(): Promise<RateToken | RateRefusal> {
    this.waiting += 1;
    try {
      for (;;) {
        const token = this.fresh();
        if (token !== undefined) return token;
        this.asking ??= this.ask().finally(() => (this.asking = undefined));
        const refusal = await this.asking;
        if (refusal !== undefined) return refusal;
      }
    } finally {
      this.waiting -= 1;
    }
  }

  isFresh(token: RateToken): boolean {
    return this.settings.monotonic() < token.until;
  }

  giveBack(token: RateToken): void {
    if (this.isFresh(token)) this.tokens.push(token);
  }

  private fresh(): RateToken | undefined {
    this.tokens = this.tokens.filter((token) => this.isFresh(token));
    return this.tokens.pop();
  }

  /** One block, by a read and a compare-and-set; undefined when there are tokens. */
  private async ask(): Promise<RateRefusal | undefined> {
    const { store, tool, calls, perMs, monotonic } = this.settings;
    try {
      const stored = await store.read(tool, 'rate');
      if (stored !== undefined) this.ahead = Math.max(this.ahead, stored.at - monotonic());
      const now = this.ahead + monotonic();
      const blocks = stored === undefined ? [] : this.counted(this.decode(stored.value), stored.at, now);
      const free = calls - blocks.reduce((sum, block) => sum + block.calls, 0);
      const [oldest] = blocks;
      // A stamp may be old; one of this moment, by a write that takes nothing, shows what has come back meanwhile.
      if (free <= 0 && this.inStep && oldest !== undefined) return { waitMs: Math.max(1, Math.ceil(oldest.at + perMs + this.useMs - now)) };
      const size = Math.max(0, Math.min(free, this.wanted()));
      const asked = monotonic();
      this.askedAt = asked;
      const answer = await store.write(tool, 'rate', { blocks, last: size }, stored?.revision ?? 0);
      if (answer.status === 'conflict') return { waitMs: CONFLICT_MS };
      // Whether it was stored or not: what is not used is lost on the safe side.
      if (answer.status === 'unknown') return { waitMs: AWAY_MS };
      this.inStep ||= size === 0;
      this.lastSize = size;
      this.tokens.push(...Array.from({ length: size }, () => ({ until: asked + this.useMs })));
      return size > 0 ? undefined : { waitMs: CONFLICT_MS };
    } catch {
      return { waitMs: AWAY_MS };
    }
  }

  /** What cannot be read may have handed out everything, and is written over once that is back. */
  private decode(value: unknown): RateRecord {
    const parsed = rateRecord.safeParse(value);
    return parsed.success ? parsed.data : { blocks: [], last: this.settings.calls };
  }

  /** As many as wait, at most a tenth of the limit, so that the other workers have theirs; twice the last block when that was used up. */
  private wanted(): number {
    const most = Math.ceil(this.settings.calls / 10);
    const usedUp = this.settings.monotonic() - this.askedAt < this.useMs ? this.lastSize : 0;
    return Math.min(most, Math.max(this.waiting, usedUp * 2, 1));
  }

  /** The blocks whose tokens are not back yet, oldest first; near ones are joined under the later moment. */
  private counted({ blocks, last }: RateRecord, at: number, now: number): RateRecord['blocks'] {
    const { perMs } = this.settings;
    const kept: RateRecord['blocks'] = [];
    for (const block of last > 0 ? [...blocks, { at, calls: last }] : blocks) {
      if (block.at + perMs + this.useMs <= now) continue;
      const joined = kept.at(-1);
      if (joined !== undefined && block.at - this.joinedFrom(joined.at) < perMs / 50) kept[kept.length - 1] = { at: Math.max(block.at, joined.at), calls: joined.calls + block.calls };
      else kept.push(block);
    }
    return kept;
  }

  /** Blocks are joined within fixed parts of the window, so that a steady stream does not join them without end. */
  private joinedFrom(at: number): number {
    const part = this.settings.perMs / 50;
    return Math.floor(at / part) * part;
  }
}
