import { getHeapStatistics } from 'node:v8';
import { LRUCache } from 'lru-cache';
import { ZERO_HASH, type Digest, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { EventLog } from './port.js';
import { sizeOf } from './size-of.js';

/** What a service makes of a run's commits. `fold` may change the value in place. */
export interface Projection<V> {
  initial(): V;
  fold(value: V, recorded: RecordedCommit): V;
}

/** A run as far as it has been folded. */
export interface ProjectedRun<V> {
  readonly value: V;
  /** The number and hash of the last commit that was folded; 0 before the first. */
  readonly number: number;
  readonly hash: Digest;
}

/** A run with how many bytes of memory the commits took that it was folded from: a value that keeps what it is told takes about as many. */
interface HeldRun<V> extends ProjectedRun<V> {
  readonly bytes: number;
}

/** A service has other things to hold as well. */
const SHARE_OF_HEAP = 1 / 4;

/**
 * Values folded from runs, each commit once, however long a run grows. History never changes, so what was folded stays
 * true; a commit that is not chained to what is known proves another history (a log restored from a backup), and the run
 * is folded again from its beginning, and so is every run after something was erased. Bounded by the bytes of the commits that were
 * folded, by default a quarter of what the engine's heap may grow to, so that neither many runs nor long ones nor large documents
 * exhaust a service's memory; losing a run costs a read.
 */
export class RunProjections<V> {
  private readonly runs: LRUCache<string, HeldRun<V>>;

  constructor(
    private readonly log: Pick<EventLog, 'readAfter'> & Partial<Pick<EventLog, 'onErased'>>,
    private readonly projection: Projection<V>,
    maximumBytes = Math.floor(getHeapStatistics().heap_size_limit * SHARE_OF_HEAP),
  ) {
    this.runs = new LRUCache({ maxSize: maximumBytes, sizeCalculation: ({ bytes }) => bytes });
    log.onErased?.(() => this.runs.clear());
  }

  /** The run up to its last commit, as the log tells it now. */
  async latest(key: RunKey): Promise<ProjectedRun<V>> {
    const known = this.known(key);
    const commits = await this.log.readAfter(key, known.number);
    return this.take(key, commits) ?? this.again(key);
  }

  /** The run at least up to commit `number` if the log has it; without a read when it is known that far. */
  async atLeast(key: RunKey, number: number): Promise<ProjectedRun<V>> {
    const known = this.known(key);
    return number > 0 && known.number >= number ? known : this.latest(key);
  }

  /** The run up to the last of these commits, which the caller was given; only what lies before them and is not known is read. */
  async upTo(key: RunKey, commits: readonly RecordedCommit[]): Promise<ProjectedRun<V>> {
    const first = commits[0];
    if (first === undefined) return this.latest(key);
    const known = this.known(key);
    if (first.commit.number <= known.number + 1) {
      const taken = this.take(key, commits);
      if (taken !== undefined) return taken;
    }
    const { number } = this.known(key);
    const before = await this.log.readAfter(key, number, first);
    return this.take(key, [...before, ...commits.slice(1)]) ?? this.again(key, commits.at(-1));
  }

  /**
   * Folds commits that continue what is known; others are passed over. Undefined, and the run is forgotten, when one of
   * them contradicts what is known.
   */
  take(key: RunKey, commits: readonly RecordedCommit[]): ProjectedRun<V> | undefined {
    const name = nameOf(key);
    const known = this.known(key);
    let { value, number, hash, bytes } = known;
    for (const recorded of commits) {
      const { commit } = recorded;
      const contradicts = commit.number === number ? commit.hash !== hash : commit.number === number + 1 && commit.previousHash !== hash;
      if (contradicts) {
        this.runs.delete(name);
        return undefined;
      }
      if (commit.number !== number + 1) continue;
      try {
        value = this.projection.fold(value, recorded);
      } catch (error) {
        // It may have been changed half-way.
        this.runs.delete(name);
        throw error;
      }
      ({ number, hash } = commit);
      bytes += sizeOf(commit);
    }
    if (number === known.number) return known;
    const run = { value, number, hash, bytes };
    this.runs.set(name, run);
    return run;
  }

  private known(key: RunKey): HeldRun<V> {
    return this.runs.get(nameOf(key)) ?? { value: this.projection.initial(), number: 0, hash: ZERO_HASH, bytes: 0 };
  }

  /** From the beginning, after what was known turned out to be another history. */
  private async again(key: RunKey, head?: RecordedCommit): Promise<ProjectedRun<V>> {
    this.runs.delete(nameOf(key));
    const commits = await this.log.readAfter(key, 0, head);
    return this.take(key, commits) ?? this.known(key);
  }
}

function nameOf(key: RunKey): string {
  return `${key.tenant}/${key.runId}`;
}
