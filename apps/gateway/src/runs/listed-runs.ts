import { askPersonTool } from '@holdfast/contracts';
import type { PackedProjection } from './run-projection.js';
import type { RunStatus, RunSummary } from './run-summary.js';

/** A place in a list that is sorted by last change, latest first. */
export interface ListPosition {
  readonly changedAt: number;
  readonly runId: string;
}

/** What filters and order ask of a run; the rest of it is packed. */
export interface Entry extends ListPosition {
  readonly status: RunStatus;
  readonly isEnded: boolean;
  /** True while an approval waits for a person. */
  readonly waits: boolean;
  /** True while an agent waits for a person's answer to its question. */
  readonly asks: boolean;
  /** True while nobody knows whether one of its calls happened. */
  readonly isInDoubt: boolean;
  readonly agent: string;
  /** Of its agent, as `<name>.<digest>`. */
  readonly version: string;
  readonly type: string;
  readonly commits: number;
  readonly packed: PackedProjection;
}

export function entryOf(summary: RunSummary, version: string, packed: PackedProjection): Entry {
  const { runId, status, phase, approvalsWaiting, openCalls, agent, type, commits, changedAt } = summary;
  return { runId, status, isEnded: phase === 'ended', waits: approvalsWaiting.length > 0, asks: openCalls.some(({ tool, status }) => tool === askPersonTool.name && status === 'waiting'), isInDoubt: openCalls.some((call) => call.status === 'in-doubt'), agent, version, type, commits, changedAt, packed };
}

/** The runs of one tenant. Every change costs the same however many runs there are; a list costs one pass over them. */
export class TenantRuns {
  private readonly open = new Map<string, Entry>();
  /** In the order in which they ended, so that the first is the one to forget. */
  private readonly ended = new Map<string, Entry>();
  /** All entries by last change, latest first, as of the last list, and the runs that have changed since. */
  private sorted: readonly Entry[] = [];
  private readonly changed = new Set<string>();
  private isSorted = true;

  get endedRuns(): number {
    return this.ended.size;
  }

  find(runId: string): Entry | undefined {
    return this.open.get(runId) ?? this.ended.get(runId);
  }

  /** How many runs have not ended, by their version: one pass over them. */
  openByVersion(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { version } of this.open.values()) counts.set(version, (counts.get(version) ?? 0) + 1);
    return counts;
  }

  put(entry: Entry): void {
    const { runId, isEnded } = entry;
    if (isEnded) this.open.delete(runId);
    (isEnded ? this.ended : this.open).set(runId, entry);
    this.changed.add(runId);
    this.isSorted = false;
  }

  forgetOneEnded(): void {
    const first = this.ended.keys().next().value;
    if (first === undefined) return;
    this.ended.delete(first);
    this.changed.delete(first);
    this.isSorted = false;
  }

  /** Entries after a position, or all. */
  *after(position?: ListPosition): Generator<Entry> {
    for (const entry of this.inOrder()) if (position === undefined || compare(entry, position) > 0) yield entry;
  }

  /** What did not change is in order already, so sorting it again is one comparison an entry. */
  private inOrder(): readonly Entry[] {
    if (this.isSorted) return this.sorted;
    const moved = [...this.changed].map((runId) => this.find(runId)).filter((entry) => entry !== undefined).sort(compare);
    const unmoved = this.sorted.filter((entry) => this.find(entry.runId) === entry);
    this.sorted = [...moved, ...unmoved].sort(compare);
    this.changed.clear();
    this.isSorted = true;
    return this.sorted;
  }
}

/** Negative when `a` comes before `b`: changed later, or with the same instant and the greater id. */
function compare(a: ListPosition, b: ListPosition): number {
  return b.changedAt - a.changedAt || (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0);
}
