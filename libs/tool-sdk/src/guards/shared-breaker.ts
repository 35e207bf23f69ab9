import { ConsecutiveBreaker } from 'cockatiel';
import type { ToolLog } from '../tools/call-context.js';
import { breakerRecord, type BreakerRecord, type GuardStore, type StoredGuard } from './guard-store.js';

export interface SharedBreakerSettings {
  readonly tool: string;
  readonly failures: number;
  readonly openMs: number;
  /** How long a probe may take before its worker counts as dead. */
  readonly probeMs: number;
  readonly store: GuardStore;
  /** This worker's own name. */
  readonly owner: string;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number;
  readonly log: ToolLog;
}

/** `pass`: go; `probe`: go, and alone, and tell how it ended; otherwise not before so many milliseconds. */
export type Entry = 'pass' | 'probe' | { readonly waitMs: number; readonly reason: string };

const REREAD_MS = 2_000;
const LOOK_AGAIN_MS = 50;
const TRIES = 3;
/** A service may ask to be left alone, but not for so long that a wrong header takes it out of use. */
const LONGEST_ASKED_MS = 3_600_000;

/**
 * A circuit breaker whose state all workers share. Each counts the failures in a row that it sees itself (a call of one
 * worker never waits for another's count); the first that opens opens for all, and after the time one worker, by
 * compare-and-set, may probe: its success closes for all, its failure opens again. A prober that falls silent is replaced.
 *
 * No wall clock is compared: every worker counts an open record's time from when it heard of it. The state is read anew
 * while calls come, so a lost notice delays by two seconds. While the store is away, the worker goes on by itself with the
 * same rules: it neither blocks calls for want of a hint nor storms a failing tool, which then sees one probe a worker.
 */
export class SharedBreaker {
  private record: BreakerRecord = { state: 'closed' };
  private revision = 0;
  private heardAt: number;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  private moving = false;
  private readonly counter: ConsecutiveBreaker;

  constructor(private readonly settings: SharedBreakerSettings) {
    this.counter = new ConsecutiveBreaker(settings.failures);
    this.heardAt = settings.monotonic();
  }

  /** The state as this worker knows it. */
  get state(): BreakerRecord {
    return this.record;
  }

  /** Milliseconds until a call may try; 0 when it may now. */
  get waitMs(): number {
    return this.record.state === 'closed' ? 0 : Math.max(0, this.heardAt + this.record.forMs - this.settings.monotonic());
  }

  /** Takes note of what another worker wrote. */
  hear({ value, revision }: Pick<StoredGuard, 'value' | 'revision'>): void {
    if (revision <= this.revision) return;
    const parsed = breakerRecord.safeParse(value);
    this.revision = revision;
    // What cannot be read says nothing, and the next write puts it right.
    if (parsed.success) this.adopt(parsed.data);
  }

  /** Why no call may try now; undefined when one may. Reads the state anew from time to time. */
  async refusal(): Promise<Exclude<Entry, string> | undefined> {
    if (this.settings.monotonic() - this.readAt > REREAD_MS) {
      const isFirst = this.readAt === Number.NEGATIVE_INFINITY;
      const read = this.reread();
      if (isFirst) await read;
    }
    return this.waitMs > 0 || this.moving ? this.refused() : undefined;
  }

  /** Whoever is let in to probe must say how that ended: {@link succeeded}, {@link failed} or {@link giveBack}. */
  async enter(): Promise<Entry> {
    await this.refusal();
    // Others may have come first while this one waited.
    if (this.waitMs > 0 || this.moving) return this.refused();
    if (this.record.state === 'closed') return 'pass';
    this.moving = true;
    try {
      return await this.tryToProbe();
    } finally {
      this.moving = false;
    }
  }

  /** The tool answered, if only by a refusal. */
  succeeded(probed: boolean): void {
    this.counter.success();
    if (probed && this.probesStill()) void this.move({ state: 'closed' });
  }

  /** `askedMs`: how long the tool asked to be left alone, as by Retry-After; all workers heed it at once. */
  failed(probed: boolean, reason: string, askedMs = 0): void {
    if (probed && !this.probesStill()) return;
    const opens = probed || (this.record.state === 'closed' && this.counter.failure());
    const forMs = Math.max(opens ? this.settings.openMs : 0, Math.ceil(Math.min(askedMs, LONGEST_ASKED_MS)));
    if (forMs === 0 || (!probed && this.waitMs >= forMs)) return;
    void this.move({ state: 'open', forMs, reason: reason.slice(0, 500) });
  }

  /** A probe was not made after all: another call may make it at once. */
  giveBack(): void {
    if (this.probesStill()) void this.move({ state: 'open', forMs: 0, reason: 'a probe was not made' });
  }

  /** A prober that woke up late says nothing: another tries by now, or has. */
  private probesStill(): boolean {
    return this.record.state === 'probing' && this.record.by === this.settings.owner;
  }

  private async tryToProbe(): Promise<Entry> {
    const { store, tool, owner, probeMs } = this.settings;
    const record: BreakerRecord = { state: 'probing', forMs: probeMs, by: owner };
    const answer = await store.write(tool, 'breaker', record, this.revision).catch(() => ({ status: 'unknown' }) as const);
    if (answer.status === 'conflict') {
      await this.reread();
      return this.state.state === 'closed' ? 'pass' : this.refused();
    }
    if (answer.status === 'stored') this.revision = Math.max(this.revision, answer.revision);
    this.adopt(record);
    return 'probe';
  }

  private refused(): Exclude<Entry, string> {
    const { record } = this;
    if (record.state === 'probing') return { waitMs: Math.min(Math.max(1, this.waitMs), LOOK_AGAIN_MS), reason: 'one call is trying whether it answers again' };
    return { waitMs: Math.max(this.waitMs, this.moving ? LOOK_AGAIN_MS : 1), reason: record.state === 'open' ? record.reason : '' };
  }

  /** Holds for this worker at once, and for the others when it is stored; never over what another worker knows better. */
  private async move(next: BreakerRecord): Promise<void> {
    const { store, tool } = this.settings;
    this.adopt(next);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await store.write(tool, 'breaker', next, this.revision).catch(() => ({ status: 'unknown' }) as const);
      if (answer.status === 'stored') this.revision = Math.max(this.revision, answer.revision);
      if (answer.status !== 'conflict') return;
      await this.reread();
      if (!this.probesStill() && (next.state === 'closed' || this.record.state !== 'closed')) return;
      this.adopt(next);
    }
  }

  private adopt(record: BreakerRecord): void {
    const { tool, log, monotonic } = this.settings;
    const before = this.record.state;
    this.record = record;
    this.heardAt = monotonic();
    if (record.state !== 'open') this.counter.success();
    if (before === record.state) return;
    if (record.state === 'open') log.warn({ tool, forMs: record.forMs, reason: record.reason }, 'a tool is left alone for a while');
    else log.info({ tool, state: record.state }, record.state === 'probing' ? 'one call tries whether the tool answers again' : 'a tool is called again');
  }

  private reread(): Promise<void> {
    this.reading ??= this.settings.store.read(this.settings.tool, 'breaker').then(
      (stored) => {
        if (stored !== undefined) this.hear(stored);
        // The store forgets a record that nobody has written for a day.
        else this.revision = 0;
      },
      () => undefined,
    ).finally(() => {
      this.readAt = this.settings.monotonic();
      this.reading = undefined;
    });
    return this.reading;
  }
}
