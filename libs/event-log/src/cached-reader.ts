import { LRUCache } from 'lru-cache';
import type { RecordedCommit, RunKey } from '@holdfast/contracts';
import type { CommitMessage, EventLog } from './port.js';

/**
 * Reads runs and remembers what it has read: history never changes, so each commit is fetched once while the run stays
 * in the cache; all of it is forgotten when something was erased. Bounded by the number of commits held.
 */
export class CachedRunReader {
  private readonly histories: LRUCache<string, readonly RecordedCommit[]>;

  constructor(private readonly log: Pick<EventLog, 'readRun' | 'decode'> & Partial<Pick<EventLog, 'onErased'>>, maximumCommits = 50_000) {
    this.histories = new LRUCache({ maxSize: maximumCommits, sizeCalculation: (history) => Math.max(1, history.length) });
    // Erasures are rare, and reading again is cheap.
    log.onErased?.(() => this.histories.clear());
  }

  /** The run's history up to its head, which is at least at `atLeast` if the log has it. */
  async read(key: RunKey, atLeast?: number): Promise<readonly RecordedCommit[]> {
    const name = `${key.tenant}/${key.runId}`;
    const known = this.histories.get(name);
    if (known !== undefined && atLeast !== undefined && known.length >= atLeast) return known;
    const history = await this.log.readRun(key, known);
    if (history.length > 0) this.histories.set(name, history);
    return history;
  }

  /** The commit in a message that was delivered by a consumer of the log. */
  decode(message: CommitMessage): Promise<RecordedCommit> {
    return this.log.decode(message);
  }

  /** Adds a commit that the caller has just appended or heard, when it is the next one. */
  remember(key: RunKey, recorded: RecordedCommit): void {
    const name = `${key.tenant}/${key.runId}`;
    const known = this.histories.get(name) ?? [];
    if (recorded.commit.number === known.length + 1) this.histories.set(name, [...known, recorded]);
  }

  forget(key: RunKey): void {
    this.histories.delete(`${key.tenant}/${key.runId}`);
  }
}
