import { assess, observe, type Assessment, type Canary, type TriedRun } from '@holdfast/canary';
import type { EventLog, LogSubscription } from '@holdfast/event-log';

/**
 * One canary as the log tells it: its runs, folded from where the log stood when it was declared. Nothing is kept between two
 * starts of the service; whoever comes after a crash reads the same log and finds the same evidence.
 */
export class CanaryWatch {
  private readonly runs = new Map<string, TriedRun>();
  private readonly subscription: LogSubscription;
  private isCaughtUp = false;
  private isDirty = true;
  private found: Assessment = { points: [] };

  constructor(canary: Canary, log: EventLog) {
    const { declaration, incumbent, from } = canary.declared;
    const trial = { ...declaration, incumbent };
    this.subscription = log.follow(from, ({ commit }) => {
      const id = `${commit.tenant}/${commit.runId}`;
      const before = this.runs.get(id);
      const after = observe(before, commit, trial);
      if (after === undefined || after === before) return;
      this.runs.set(id, after);
      this.isDirty = true;
    });
    void this.subscription.caughtUp().then(() => { this.isCaughtUp = true; }, () => undefined);
  }

  stop(): void {
    this.subscription.stop();
  }

  /** The evidence at `now`, in milliseconds since the Unix epoch; undefined until the log has been read once. */
  assess({ declared }: Canary, now: number): Assessment | undefined {
    if (!this.isCaughtUp) return undefined;
    if (!this.isDirty && now < (this.found.waitsUntil ?? Infinity)) return this.found;
    this.isDirty = false;
    this.found = assess(declared.declaration, this.runs.values(), now);
    return this.found;
  }
}
