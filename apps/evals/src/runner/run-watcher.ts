import { partitionOf, subjects, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';

/** Hints are lost while the broker is down, so the log is looked at this often in any case. */
const LOOK_MS = 100;

/** How a watcher is told that there may be something new; `Bus.listen` does it. */
export type Listen = (subject: string, handler: () => void) => () => void;

/**
 * Follows one run in the log. The broker's republished commits only say when to look; what is reported was read from the
 * log, each commit once and in order. While the log cannot be read, it is tried again.
 */
export class RunWatcher {
  private commits: readonly RecordedCommit[] = [];
  private reading: Promise<void> | undefined;
  private lookAgain = false;
  private readonly stopListening: () => void;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly log: EventLog, listen: Listen, private readonly key: RunKey, private readonly onCommit: (recorded: RecordedCommit) => void) {
    this.stopListening = listen(subjects.committed(partitionOf(key, log.partitions), key), () => void this.look());
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    void this.look();
  }

  get history(): readonly RecordedCommit[] {
    return this.commits;
  }

  /** Reads what is new. A call that comes while reading makes it read once more. */
  look(): Promise<void> {
    this.lookAgain = true;
    this.reading ??= this.readAll().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  stop(): void {
    clearInterval(this.timer);
    this.stopListening();
  }

  private async readAll(): Promise<void> {
    while (this.lookAgain) {
      this.lookAgain = false;
      const known = this.commits.length;
      const history = await this.log.readRun(this.key, this.commits).catch(() => undefined);
      if (history === undefined) return;
      this.commits = history;
      for (const recorded of history.slice(known)) this.onCommit(recorded);
    }
  }
}

/** The run's history from its beginning, read afresh: what scorers judge by. Throws the log's error after `attempts`. */
export async function readWholeRun(log: EventLog, key: RunKey, attempts = 20): Promise<readonly RecordedCommit[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await log.readRun(key);
    } catch (error) {
      if (attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
