import type { DataKeyPlace } from '@holdfast/data-keys';
import type { EventLog, LogSubscription } from '@holdfast/event-log';
import { HoldfastError, type Commit, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { Logger } from '@holdfast/observability';
import { TenantRuns, entryOf, type Entry, type ListPosition } from './listed-runs.js';
import { pack, project, summaryOf, unpack, versionOf, type RunProjection } from './run-projection.js';
import type { RunSummary } from './run-summary.js';

export interface RunFilter {
  readonly status?: RunSummary['status'] | undefined;
  readonly agent?: string | undefined;
  readonly type?: string | undefined;
}

export interface RunPage {
  readonly runs: readonly RunSummary[];
  readonly more: boolean;
}

/** A run with calls whose tools are quarantined. */
export interface ParkedRun extends RunKey {
  /** How many commits the run had when they were seen. */
  readonly commits: number;
  readonly calls: readonly { readonly callId: string; readonly tool: string }[];
}

type ChangeListener = (tenant: string, summary: RunSummary) => void;
type CommitListener = (number: number | undefined) => void;

/** Until the index hears commits as they are made, whoever follows a run looks at it himself, this often. */
const LOOK_MS = 500;

/**
 * What lists and live streams know of runs: a projection of the log, in memory, made anew at each start. It says where to
 * look; whoever shows a run's content reads the log, and nobody who asks for one run waits for the index. All runs that
 * have not ended are in it, and the `maximumEnded` that ended last.
 */
export class RunIndex {
  private readonly tenants = new Map<string, TenantRuns>();
  private readonly changeListeners = new Set<ChangeListener>();
  private readonly commitListeners = new Map<string, Set<CommitListener>>();
  private readonly parkedRuns = new Map<string, ParkedRun>();
  private subscription: LogSubscription | undefined;
  private stopErasures: () => void = () => undefined;
  private looking: NodeJS.Timeout | undefined;
  private read = 0;
  private complete = false;

  constructor(private readonly log: EventLog, private readonly maximumEnded: number, private readonly logger: Pick<Logger, 'error' | 'info'>) {}

  /** Follows the log from its beginning and resolves when everything that is in it now is known. */
  async start(): Promise<void> {
    const started = performance.now();
    this.looking = setInterval(() => this.lookAgain(), LOOK_MS).unref();
    this.stopErasures = this.log.onErased((place) => void this.readErased(place).catch((error: unknown) => this.logger.error({ err: error }, 'runs that were erased could not be read again; their lists still say what they said')));
    this.subscription = this.log.follow(Array.from({ length: this.log.partitions }, () => 1), (recorded) => this.apply(recorded));
    await this.subscription.caughtUp();
    this.complete = true;
    clearInterval(this.looking);
    this.lookAgain();
    this.logger.info({ commits: this.read, ms: Math.round(performance.now() - started) }, 'the run index has caught up with the log');
  }

  stop(): void {
    clearInterval(this.looking);
    this.subscription?.stop();
    this.stopErasures();
  }

  /** False until the log has been read once; a list before that would leave runs out and show others as they once were. */
  get isComplete(): boolean {
    return this.complete;
  }

  /** Runs of a tenant by last change, latest first, after a position. A run that changes meanwhile moves to the front. */
  list(tenant: string, filter: RunFilter, limit: number, after?: ListPosition): RunPage {
    return page(this.runsOf(tenant)?.after(after) ?? [], limit, (entry) => matches(entry, filter));
  }

  /** Runs of a tenant that wait for a person's approval, those changed last first. */
  listWaiting(tenant: string, limit: number): RunPage {
    return this.listReadable(tenant, limit, (entry) => entry.waits);
  }

  /** Runs of a tenant whose agent asks a person something, those changed last first. */
  listAsking(tenant: string, limit: number): RunPage {
    return this.listReadable(tenant, limit, (entry) => entry.asks);
  }

  /** Runs of a tenant with a call of which nobody knows whether it happened, those changed last first. */
  listInDoubt(tenant: string, limit: number): RunPage {
    return this.listReadable(tenant, limit, (entry) => entry.isInDoubt);
  }

  /** Runs of a tenant that have not ended and of which something holds, those changed last first. */
  listOpenWhere(tenant: string, limit: number, holds: (run: RunSummary) => boolean): RunPage {
    return this.listReadable(tenant, limit, (entry) => !entry.isEnded && holds(told(entry)));
  }

  /** Runs of a tenant that have ended and of which something holds, those that ended last first. */
  listEndedWhere(tenant: string, limit: number, holds: (run: RunSummary) => boolean): RunPage {
    return this.listReadable(tenant, limit, (entry) => entry.isEnded && holds(told(entry)));
  }

  /** The runs of all tenants that have parked calls. */
  parked(): readonly ParkedRun[] {
    return [...this.parkedRuns.values()];
  }

  /** How many runs of a tenant have not ended, by the version of their agent as `<name>.<digest>`. */
  openByVersion(tenant: string): ReadonlyMap<string, number> {
    return this.runsOf(tenant)?.openByVersion() ?? new Map();
  }

  get(key: RunKey): RunSummary | undefined {
    const entry = this.tenants.get(key.tenant)?.find(key.runId);
    return entry === undefined ? undefined : told(entry);
  }

  /**
   * Calls back after each commit of any run, once the log has been read: what came before is history, and lists tell it.
   * Returns how to stop.
   */
  onChange(listener: ChangeListener): () => void {
    this.changeListeners.add(listener);
    return () => this.changeListeners.delete(listener);
  }

  /** Calls back with the number of each new commit of one run, or without one when it is time to look. Returns how to stop. */
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
    this.read += 1;
    const runs = this.tenants.get(tenant) ?? new TenantRuns();
    this.tenants.set(tenant, runs);
    const entry = runs.find(runId);
    if (entry !== undefined && (entry.status === 'unreadable' || commit.number <= entry.commits)) return;
    const projection = this.projected(entry, commit);
    if (projection === undefined) {
      if (entry !== undefined) runs.put({ ...entry, status: 'unreadable' });
      return;
    }
    const summary = this.put(commit, projection);
    if (summary.phase === 'ended') this.makeRoom();
    if (this.complete) for (const listener of this.changeListeners) listener(tenant, summary);
    for (const listener of this.commitListeners.get(`${tenant}/${runId}`) ?? []) listener(commit.number);
  }

  private put(key: RunKey, projection: RunProjection): RunSummary {
    const summary = summaryOf(key.runId, projection);
    this.tenants.get(key.tenant)?.put(entryOf(summary, versionOf(projection), pack(projection)));
    this.notePark(key, summary);
    return summary;
  }

  /** Reads the runs about a data subject again of whom something was erased; about anybody, where it is not known about whom. */
  private async readErased(place: DataKeyPlace | undefined): Promise<void> {
    const tenants = place === undefined ? [...this.tenants.keys()] : [place.tenant];
    for (const tenant of tenants) {
      for (const entry of [...(this.tenants.get(tenant)?.after() ?? [])]) {
        const { state } = unpack(entry.packed);
        if (entry.status === 'erased' || state.phase === 'unborn' || state.task.dataSubject === undefined || state.task.dataSubject !== (place?.dataSubject ?? state.task.dataSubject)) continue;
        const key = { tenant, runId: entry.runId };
        if ((await this.log.head(key))?.commit.events[0]?.type !== 'content-erased') continue;
        const history = await this.log.readRun(key);
        const projection = history.reduce<RunProjection | undefined>((before, { commit }) => project(before, commit), undefined);
        // What was committed meanwhile is taken by whoever heard it.
        if (projection !== undefined && this.tenants.get(tenant)?.find(entry.runId)?.commits === entry.commits) this.put(key, projection);
      }
    }
  }

  private notePark({ tenant, runId }: RunKey, { openCalls, commits }: RunSummary): void {
    const calls = openCalls.filter(({ status }) => status === 'parked').map(({ callId, tool }) => ({ callId, tool }));
    if (calls.length === 0) this.parkedRuns.delete(`${tenant}/${runId}`);
    else this.parkedRuns.set(`${tenant}/${runId}`, { tenant, runId, commits, calls });
  }

  private listReadable(tenant: string, limit: number, holds: (entry: Entry) => boolean): RunPage {
    return page(this.runsOf(tenant)?.after() ?? [], limit, (entry) => entry.status !== 'unreadable' && holds(entry));
  }

  /** The run with one more commit; undefined when its history cannot be folded, which stops this run alone. */
  private projected(entry: Entry | undefined, commit: Commit): RunProjection | undefined {
    try {
      return project(entry === undefined ? undefined : unpack(entry.packed), commit);
    } catch (error) {
      this.logger.error({ err: error, tenant: commit.tenant, run_id: commit.runId, commit: commit.number }, 'the history of a run cannot be folded; it is listed as unreadable');
      return undefined;
    }
  }

  /** Forgets the run that ended first, of the tenant that has most of them: a busy tenant must not push others out. */
  private makeRoom(): void {
    const all = [...this.tenants.values()];
    if (all.reduce((sum, { endedRuns }) => sum + endedRuns, 0) <= this.maximumEnded) return;
    all.reduce((most, runs) => (runs.endedRuns > most.endedRuns ? runs : most)).forgetOneEnded();
  }

  private lookAgain(): void {
    for (const listeners of this.commitListeners.values()) for (const listener of listeners) listener(undefined);
  }

  /** Throws `gateway.catching-up` (retryable) until the log has been read once, rather than telling what is not so. */
  private runsOf(tenant: string): TenantRuns | undefined {
    if (this.complete) return this.tenants.get(tenant);
    throw new HoldfastError({ code: 'gateway.catching-up', message: `The gateway is still reading the log for its lists: ${this.read} commits so far.`, retryable: true, remedy: 'Try again in a moment; single runs can be read by id meanwhile.' });
  }
}

function page(entries: Iterable<Entry>, limit: number, isWanted: (entry: Entry) => boolean): RunPage {
  const runs: RunSummary[] = [];
  for (const entry of entries) {
    if (!isWanted(entry)) continue;
    if (runs.length === limit) return { runs, more: true };
    runs.push(told(entry));
  }
  return { runs, more: false };
}

function told({ runId, status, packed }: Entry): RunSummary {
  const summary = summaryOf(runId, unpack(packed));
  return status === 'unreadable' ? { ...summary, status } : summary;
}

function matches(entry: Entry, { status, agent, type }: RunFilter): boolean {
  return (status === undefined || entry.status === status) && (agent === undefined || entry.agent === agent) && (type === undefined || entry.type === type);
}
