import type { CanaryBook } from '@holdfast/agent-registry';
import type { Canary } from '@holdfast/canary';
import type { EventLog } from '@holdfast/event-log';
import type { Logger } from '@holdfast/observability';
import { CanaryWatch } from './canary-watch.js';

/** How often evidence is looked at, in milliseconds. */
const LOOK_MS = 250;
/** Points in one record. */
const POINTS = 64;

/**
 * Judges all canaries that have no verdict yet, and writes evidence and verdicts as records. It moves no route: the gateway does,
 * to what the declaration names. Several instances find the same, and each record is stored once.
 */
export class CanaryJudge {
  private readonly watches = new Map<string, CanaryWatch>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly book: CanaryBook, private readonly log: EventLog, private readonly logger: Pick<Logger, 'info' | 'warn'>) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => { if (!this.stopped) this.start(); });
    }, LOOK_MS).unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    for (const watch of this.watches.values()) watch.stop();
    this.watches.clear();
  }

  /** Looks at every canary once; what goes wrong with one holds up no other. */
  private async look(): Promise<void> {
    for (const canary of this.book.all) {
      await this.judge(canary).catch((error: unknown) => this.logger.warn({ err: error, canary: canary.declared.declaration.id }, 'a canary could not be judged, and is looked at again'));
    }
  }

  private async judge(canary: Canary): Promise<void> {
    const { id } = canary.declared.declaration;
    if (canary.end !== undefined || canary.verdict !== undefined) {
      this.watches.get(id)?.stop();
      this.watches.delete(id);
      return;
    }
    const watch = this.watches.get(id) ?? new CanaryWatch(canary, this.log);
    this.watches.set(id, watch);
    const found = watch.assess(canary, Date.now());
    if (found === undefined) return;
    const told = canary.points.at(-1)?.pairs ?? 0;
    const points = found.points.filter(({ pairs }) => pairs > told);
    if (points.length > 0) await this.book.addEvidence(canary, { points: points.slice(0, POINTS), at: Date.now() });
    // The curve is told before what it says; the rest of it follows at the next look.
    if (found.verdict === undefined || points.length > POINTS) return;
    await this.book.giveVerdict(id, { ...found.verdict, at: Date.now() });
    this.logger.info({ canary: id, verdict: found.verdict.verdict, reason: found.verdict.reason }, 'a canary has its verdict');
  }
}
