import type { EventLog, LogSubscription } from '@holdfast/event-log';
import { HoldfastError, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { project, type Projection, type RunSummary } from './run-summary.js';

export interface RunFilter {
  readonly status?: RunSummary['status'] | undefined;
  readonly agent?: string | undefined;
  readonly type?: string | undefined;
}

/** A place in a list that is sorted by last change, latest first. */
export interface ListPosition {
  readonly changedAt: number;
  readonly runId: string;
}

interface Entry {
  summary: RunSummary;
  /** Kept while the run is alive; an ended run needs its summary only. */
  projection: Projection | undefined;
}

interface TenantRuns {
  readonly byId: Map<string, Entry>;
  /** All entries by last change, latest first; undefined after a change. */
  sorted: readonly Entry[] | undefined;
}

type ChangeListener = (tenant: string, summary: RunSummary) => void;
type CommitListener = (number: number) => void;

/**
 * What lists and live streams know of all runs: a projection of the log, in memory, made anew at each start. It says
 * where to look; whoever shows a run's content reads the log.
 */
export class RunIndex {
  private readonly tenants = new Map<string, TenantRuns>();
  private readonly changeListeners = new Set<ChangeListener>();
  private readonly commitListeners = new Map<string, Set<CommitListener>>();
  private subscription: LogSubscription | undefined;
  private size = 0;
  private complete = false;

  constructor(private readonly log: EventLog, private readonly maximumRuns: number, private readonly logger: Pick<Logger, 'error' | 'info'>) {}

  /** Follows the log from its beginning and resolves when everything that is in it now is known. */
  async start(): Promise<void> {
    this.subscription = this.log.follow(Array.from({ length: this.log.partitions }, () => 1), (recorded) => this.apply(recorded));
    await this.subscription.caughtUp();
    this.complete = true;
    this.logger.info({ runs: this.size }, 'the run index has caught up with the log');
  }

  stop(): void {
    this.subscription?.stop();
  }

  /** False until the log has been read once; a list before that would leave runs out. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** Runs of a tenant by last change, latest first, after a position. A run that changes meanwhile moves to the front. */
  list(tenant: string, filter: RunFilter, limit: number, after?: ListPosition): { readonly runs: readonly RunSummary[]; readonly more: boolean } {
    const found: RunSummary[] = [];
    for (const { summary } of this.sorted(tenant)) {
      if (after !== undefined && compare(summary, after) <= 0) continue;
      if (!matches(summary, filter)) continue;
      if (found.length === limit) return { runs: found, more: true };
      found.push(summary);
    }
    return { runs: found, more: false };
  }

  /** Runs of a tenant that wait for a person's approval, those changed last first. */
  listWaiting(tenant: string, limit: number): { readonly runs: readonly RunSummary[]; readonly more: boolean } {
    const waiting = this.sorted(tenant).filter(({ summary }) => summary.status !== 'unreadable' && summary.approvalsWaiting.length > 0).map(({ summary }) => summary);
    return { runs: waiting.slice(0, limit), more: waiting.length > limit };
  }

  get(key: RunKey): RunSummary | undefined {
    return this.tenants.get(key.tenant)?.byId.get(key.runId)?.summary;
  }

  /** Calls back after each commit of any run. Returns how to stop. */
  onChange(listener: ChangeListener): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  /** Calls back with the number of each new commit of one run. Returns how to stop. */
  onCommit(key: RunKey, listener: CommitListener): () => void {
    const name = `${key.tenant}/${key.runId}`;
    const listeners = this.commitListeners.get(name) ?? new Set();
    this.commitListeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.commitListeners.get(name) === listeners) this.commitListeners.delete(name);
    };
  }

  private apply({ commit }: RecordedCommit): void {
    const { tenant, runId } = commit;
    const runs = this.runsOf(tenant);
    const entry = runs.byId.get(runId);
    if (entry !== undefined && (entry.summary.status === 'unreadable' || commit.number <= entry.summary.commits)) return;
    let projection: Projection;
    try {
      projection = project(entry?.projection, commit);
    } catch (error) {
      this.logger.error({ err: error, tenant, run_id: runId, commit: commit.number }, 'the history of a run cannot be folded; it is listed as unreadable');
      if (entry !== undefined) entry.summary = { ...entry.summary, status: 'unreadable' };
      return;
    }
    const { summary } = projection;
    const kept = summary.phase === 'ended' ? undefined : projection;
    if (entry === undefined) {
      runs.byId.set(runId, { summary, projection: kept });
      this.size += 1;
    } else {
      // The order of insertion is the order of change, by which the oldest are found when room is needed.
      runs.byId.delete(runId);
      runs.byId.set(runId, Object.assign(entry, { summary, projection: kept }));
    }
    runs.sorted = undefined;
    if (this.size > this.maximumRuns) this.forgetOne(runs);
    for (const listener of this.changeListeners) listener(tenant, summary);
    for (const listener of this.commitListeners.get(`${tenant}/${runId}`) ?? []) listener(commit.number);
  }

  /** Forgets the run of this tenant that ended longest ago; runs that are alive are never forgotten. */
  private forgetOne(runs: TenantRuns): void {
    for (const [runId, entry] of runs.byId) {
      if (entry.summary.phase !== 'ended') continue;
      runs.byId.delete(runId);
      this.size -= 1;
      return;
    }
  }

  private runsOf(tenant: string): TenantRuns {
    const known = this.tenants.get(tenant);
    if (known !== undefined) return known;
    const fresh: TenantRuns = { byId: new Map(), sorted: undefined };
    this.tenants.set(tenant, fresh);
    return fresh;
  }

  /** Throws `gateway.catching-up` (retryable) until the log has been read once, rather than leaving runs out. */
  private sorted(tenant: string): readonly Entry[] {
    if (!this.complete) throw new HoldfastError({ code: 'gateway.catching-up', message: 'The gateway is still reading the log.', retryable: true, remedy: 'Try again in a moment; single runs can be read by id meanwhile.' });
    const runs = this.tenants.get(tenant);
    if (runs === undefined) return [];
    runs.sorted ??= [...runs.byId.values()].reverse().sort((a, b) => compare(a.summary, b.summary));
    return runs.sorted;
  }
}

/** Negative when `a` comes before `b`: changed later, or with the same instant and the greater id. */
function compare(a: ListPosition, b: ListPosition): number {
  return b.changedAt - a.changedAt || (a.runId < b.runId ? 1 : a.runId > b.runId ? -1 : 0);
}

function matches(summary: RunSummary, filter: RunFilter): boolean {
  return (filter.status === undefined || summary.status === filter.status) && (filter.agent === undefined || summary.agent === filter.agent) && (filter.type === undefined || summary.type === filter.type);
}
