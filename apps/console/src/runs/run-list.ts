import { matches, type RunFilter, type RunSummary } from './filter.js';

/**
 * The runs of a list, read page by page and changed by what a stream tells. While somebody reads further down, rows keep their
 * places and say what is so; new ones wait above until they are wanted. The latest of two summaries is the one with more commits.
 */
export class RunList {
  private readonly byId = new Map<string, RunSummary>();
  private order: string[] = [];
  private readonly above = new Set<string>();

  constructor(private readonly filter: RunFilter) {}

  /** The rows in their places. */
  get rows(): readonly RunSummary[] {
    return this.order.flatMap((runId) => this.byId.get(runId) ?? []);
  }

  /** Runs that are not in their places: new, or changed since the rows were last put in order. */
  get waiting(): number {
    return this.above.size;
  }

  /** Takes a page of the list; it comes after whatever is there. */
  add(runs: readonly RunSummary[]): void {
    for (const run of runs) {
      const known = this.byId.get(run.runId);
      if (known === undefined) this.order.push(run.runId);
      if (known === undefined || known.commits <= run.commits) this.byId.set(run.runId, run);
    }
  }

  /** Takes a change. A run that the filter does not show any more goes. */
  take(run: RunSummary): void {
    const known = this.byId.get(run.runId);
    if (known !== undefined && known.commits > run.commits) return;
    if (!matches(this.filter, run)) {
      if (known === undefined) return;
      this.byId.delete(run.runId);
      this.above.delete(run.runId);
      this.order = this.order.filter((one) => one !== run.runId);
      return;
    }
    this.byId.set(run.runId, run);
    this.above.add(run.runId);
  }

  /** Puts all in order, latest change first. */
  settle(): void {
    this.above.clear();
    this.order = [...this.byId.values()].sort((one, other) => other.changedAt - one.changedAt || (one.runId < other.runId ? -1 : 1)).map(({ runId }) => runId);
  }
}
