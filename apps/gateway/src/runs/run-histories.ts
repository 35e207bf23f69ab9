import { CachedRunReader, readAsStored, type EventLog, type StoredLog, type StoredRun } from '@holdfast/event-log';
import { HoldfastError, type RecordedCommit, type RunKey } from '@holdfast/contracts';

/** Commits that are remembered for readers. */
const REMEMBERED_COMMITS = 10_000;

/** Histories of runs for whoever asks over HTTP. The tenant in the key is the caller's own, so no other is ever found. */
export class RunHistories {
  private readonly reader: CachedRunReader;

  constructor(private readonly log: EventLog & StoredLog) {
    this.reader = new CachedRunReader(log, REMEMBERED_COMMITS);
  }

  /** The run's history, or none when there is no such run. */
  find(key: RunKey, atLeast?: number): Promise<readonly RecordedCommit[]> {
    return this.reader.read(key, atLeast);
  }

  /** The run's history. Throws `run.unknown`; a task that was taken a moment ago has no commit yet. */
  async read(key: RunKey, atLeast?: number): Promise<readonly RecordedCommit[]> {
    return known(key, await this.find(key, atLeast));
  }

  /** The run as it is stored now, past any memory and however broken, for whoever checks it; none of it when there is no such run. */
  async findToCheck(key: RunKey): Promise<StoredRun> {
    try {
      return { key, commits: await this.log.readRun(key), unreadable: [] };
    } catch (error) {
      if (!(error instanceof HoldfastError) || error.retryable) throw error;
      return readAsStored(this.log, key);
    }
  }

  /** The same. Throws `run.unknown`. */
  async readToCheck(key: RunKey): Promise<StoredRun> {
    const run = await this.findToCheck(key);
    if (run.unreadable.length === 0) known(key, run.commits);
    return run;
  }
}

function known(key: RunKey, history: readonly RecordedCommit[]): readonly RecordedCommit[] {
  if (history.length > 0) return history;
  throw new HoldfastError({ code: 'run.unknown', message: `There is no run "${key.runId}".`, retryable: false, remedy: 'Check the id; a task that was accepted a moment ago appears when the orchestrator has taken it up.' });
}
