import { LRUCache } from 'lru-cache';
import type { EventLog } from '@holdfast/event-log';
import { partitionOf, type RunKey } from '@holdfast/contracts';
import { advance, isParked, restore, unborn, type LoadedRun } from './loaded-run.js';

const DEFAULT_BYTES = 64 * 1024 * 1024;

/**
 * Folded runs in memory, bounded by their size. Losing one costs a read of its tail; holding one saves it. A run that
 * waits for people or timers is not held: parked runs cost no memory. The log's fence keeps a stale one harmless.
 */
export class RunCache {
  private readonly runs: LRUCache<string, LoadedRun>;

  /** `onActivity` is told, when a fact is done with, whether any of our services owes its run something. */
  constructor(private readonly log: EventLog, maximumBytes = DEFAULT_BYTES, private readonly onActivity: (key: RunKey, active: boolean) => void = () => undefined) {
    // A run that is larger than the whole cache is not held at all, and read again for each of its facts.
    this.runs = new LRUCache({ maxSize: maximumBytes, sizeCalculation: (run, name) => run.bytes + name.length + 256 });
  }

  /** How many runs are held, and their estimated size in bytes. */
  get extent(): { readonly runs: number; readonly bytes: number } {
    return { runs: this.runs.size, bytes: this.runs.calculatedSize };
  }

  async load(key: RunKey): Promise<LoadedRun> {
    const known = this.runs.get(nameOf(key));
    if (known !== undefined) return known;
    const run = restore(await this.log.readTail(key)) ?? (await this.log.readRun(key)).reduce(advance, unborn);
    if (run.head !== undefined) this.runs.set(nameOf(key), run);
    return run;
  }

  /**
   * True when the log holds nothing after this run's head: what memory says of the run is the whole truth. The fence is
   * asked, since the replica that answers a read may be as far behind as memory is.
   */
  async isCurrent(key: RunKey, run: LoadedRun): Promise<boolean> {
    return (await this.log.lastSequence(key)) === (run.head?.sequence ?? 0);
  }

  store(key: RunKey, run: LoadedRun): void {
    this.runs.set(nameOf(key), run);
  }

  /** Called when a fact is done with: what waits for others leaves the memory. */
  release(key: RunKey): void {
    const run = this.runs.peek(nameOf(key));
    if (run === undefined) return;
    const parked = isParked(run);
    if (parked) this.forget(key);
    this.onActivity(key, !parked);
  }

  /** Forgets the runs of a partition that another process works on from now. */
  forgetPartition(partition: number): void {
    for (const [name, run] of this.runs.entries()) {
      const commit = run.head?.commit;
      if (commit !== undefined && partitionOf(commit, this.log.partitions) === partition) this.runs.delete(name);
    }
  }

  forget(key: RunKey): void {
    this.runs.delete(nameOf(key));
  }
}

export function nameOf(key: RunKey): string {
  return `${key.tenant}/${key.runId}`;
}
