import { LRUCache } from 'lru-cache';
import type { EventLog } from '@holdfast/event-log';
import { partitionOf, type Digest, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { evolve, initialState, type RunState } from '@holdfast/run';

/** A run as the orchestrator holds it: the folded state, the head to append after, and what later commits answer. */
export interface LoadedRun {
  readonly state: RunState;
  readonly head: RecordedCommit | undefined;
  /** Hashes of the commits that a fact can answer: the awaited plan commit and the calls that are out. */
  readonly answerable: ReadonlyMap<string, Digest>;
}

const UNBORN: LoadedRun = { state: initialState, head: undefined, answerable: new Map() };

/** The run after one more commit. */
export function advance(run: LoadedRun, recorded: RecordedCommit): LoadedRun {
  const { commit } = recorded;
  const answerable = new Map(run.answerable);
  if (commit.route === 'plan') answerable.set('plan', commit.hash);
  for (const event of commit.events) {
    if (event.type === 'tool-called') answerable.set(event.callId, commit.hash);
    if (event.type === 'tool-returned') answerable.delete(event.callId);
  }
  return { state: evolve(run.state, commit), head: recorded, answerable };
}

/** Folded runs in memory. Losing one costs a read; holding one saves it. The log's fence keeps a stale one harmless. */
export class RunCache {
  private readonly runs = new LRUCache<string, LoadedRun>({ max: 20_000 });

  constructor(private readonly log: EventLog) {}

  async load(key: RunKey): Promise<LoadedRun> {
    const known = this.runs.get(nameOf(key));
    if (known !== undefined) return known;
    const history = await this.log.readRun(key);
    const run = history.reduce(advance, UNBORN);
    if (run.head !== undefined) this.runs.set(nameOf(key), run);
    return run;
  }

  /** True when the log holds nothing after this run's head: what memory says of the run is the whole truth. */
  async isCurrent(key: RunKey, run: LoadedRun): Promise<boolean> {
    return (await this.log.head(key))?.sequence === run.head?.sequence;
  }

  store(key: RunKey, run: LoadedRun): void {
    // An ended run is asked for rarely; its place is worth more to a live one.
    if (run.state.phase === 'ended') this.runs.delete(nameOf(key));
    else this.runs.set(nameOf(key), run);
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
