import type { BudgetBook } from '@holdfast/budgets';
import type { AppendResult, AppendableDraft, EventLog } from '@holdfast/event-log';
import type { DataKeys } from '@holdfast/data-keys';
import { HoldfastError, type DataKeyName, type Fact, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import { undispatchedCalls, type CommitDraft, type Decision, type Input } from '@holdfast/run';
import type { InputPreparer } from './input-preparer.js';
import { advance, withCheckpoint, type LoadedRun } from './loaded-run.js';
import { nameOf, type RunCache } from './run-cache.js';
import { RunLock } from './run-lock.js';
import { decideWithin, freedBy, freedInLog, giveBackOf, type Holder } from './shared-budgets.js';
import { isTooLarge, withoutContent } from './too-large.js';

/** What became of a fact. `unavailable` means that nothing was decided and the sender should try again. */
export type Processed =
  | { readonly status: 'committed'; readonly number: number; readonly commits: readonly RecordedCommit[] }
  | { readonly status: 'duplicate' }
  | { readonly status: 'stale' | 'unavailable'; readonly reason: string }
  | { readonly status: 'refused'; readonly code: string; readonly reason: string };

/** Arms a timer durably. It is called before the commit that sets it, so that a crash in between loses no timer. */
export type ArmTimer = (key: RunKey, timerId: string, dueAt: number) => Promise<void>;

/**
 * Cancels a timer that a commit has made superfluous, once that commit is in the log. It may fail or never happen: a timer
 * that comes late is folded as nothing. It must leave a timer alone that was armed again for another instant.
 */
export type CancelTimer = (key: RunKey, timerId: string, dueAt: number) => void;

export interface RunProcessorDependencies {
  readonly log: EventLog;
  readonly cache: RunCache;
  readonly preparer: InputPreparer;
  readonly budgets: Pick<BudgetBook, 'take' | 'giveBack'>;
  readonly armTimer: ArmTimer;
  readonly cancelTimer?: CancelTimer;
  /** Notes durably that a run belongs to a thread, before the commit that begins it. */
  readonly joinThread?: (key: RunKey, thread: string, dataSubject: string | undefined) => Promise<void>;
  /** Gives runs about data subjects what encrypts them; without it, none can begin. */
  readonly dataKeys?: Pick<DataKeys, 'begin' | 'continue'>;
  /** Milliseconds since the epoch. It may jump: within a run, time never goes backwards. */
  readonly clock: () => number;
}

/** A race for a run's next place is lost at most this often before the fact is given back. */
const MAXIMUM_RACES = 16;

const BEHIND: Processed = { status: 'unavailable', reason: 'the log is read from a replica that is behind' };

/**
 * Folds facts into runs: load, look up, decide, append. Within this process a run's facts are taken one at a time; among
 * processes the log's expected sequence decides, and the loser reads again and decides again.
 */
export class RunProcessor {
  private readonly lock = new RunLock();

  constructor(private readonly dependencies: RunProcessorDependencies) {}

  process(key: RunKey, fact: Fact): Promise<Processed> {
    return this.lock.hold(nameOf(key), async () => {
      try {
        const processed = await this.fold(key, fact);
        if (processed.status === 'committed' && processed.commits.at(-1)?.commit.route === 'end') return processed;
        // Also after a duplicate: the process that folded the fact may have died before it sent the calls.
        const dispatched = await this.dispatch(key);
        return dispatched ?? processed;
      } finally {
        this.dependencies.cache.release(key);
      }
    });
  }

  /**
   * Sends what a run has allowed and nobody has sent; for recovery after a crash. Throws a retryable HoldfastError when
   * policy or the log was in the way, for then no fact may ever come that would bring the run up again.
   */
  recover(key: RunKey): Promise<void> {
    return this.lock.hold(nameOf(key), async () => {
      // "Nothing waits" is a denial, and as such believed only of the whole truth.
      const hindered = (await this.isUpToDate(key)) ? await this.dispatch(key).finally(() => this.dependencies.cache.release(key)) : BEHIND;
      if (hindered?.status !== 'unavailable') return;
      throw new HoldfastError({ code: 'run.undispatched', message: `Calls of run ${nameOf(key)} could not be sent: ${hindered.reason}`, retryable: true, remedy: 'Try again; if it lasts, check the broker and policy.' });
    });
  }

  /** Reads the run again until memory holds all that the fence knows of; false when it did not get there. */
  private async isUpToDate(key: RunKey): Promise<boolean> {
    const { cache } = this.dependencies;
    for (let race = 0; race < MAXIMUM_RACES; race += 1) {
      if (await cache.isCurrent(key, await cache.load(key))) return true;
      cache.forget(key);
    }
    return false;
  }

  /** Folds the fact; one that is too large for the log without its content, or not at all, but never again and again. */
  private async fold(key: RunKey, fact: Fact, isWhole = true): Promise<Processed> {
    try {
      return await this.attempt(key, (run) => this.dependencies.preparer.prepare(key, fact, run, this.timeOf(run)));
    } catch (error) {
      if (!isTooLarge(error) || !isWhole) throw error;
      const short = withoutContent(fact, error);
      return short === undefined ? { status: 'refused', code: error.code, reason: `${error.message} ${error.remedy}` } : this.fold(key, short, false);
    }
  }

  /** Now, but never before the run's last commit: a clock that was set back must not turn a history round. */
  private timeOf(run: LoadedRun): number {
    return Math.max(this.dependencies.clock(), run.head?.commit.at ?? 0);
  }

  /** Undefined when nothing waits, or all of it was sent or judged; otherwise why it could not be. */
  private async dispatch(key: RunKey): Promise<Processed | undefined> {
    const { state } = await this.dependencies.cache.load(key);
    const waiting = undispatchedCalls(state);
    if (waiting.length === 0 || state.phase === 'unborn') return undefined;
    const id = `dispatch:${state.head}`;
    const result = await this.attempt(key, async (current) => {
      const judged = await this.dependencies.preparer.judge(key, current, undispatchedCalls(current.state));
      return { fact: { kind: 'dispatch', id }, judged, at: this.timeOf(current) };
    });
    return result.status === 'unavailable' ? result : undefined;
  }

  private async attempt(key: RunKey, prepare: (run: LoadedRun) => Promise<Input | Processed>): Promise<Processed> {
    for (let race = 0; race < MAXIMUM_RACES; race += 1) {
      const run = await this.dependencies.cache.load(key);
      const input = await prepare(run);
      if ('status' in input) return input;
      const decision = await decideWithin(this.dependencies.budgets, key, run.state, input);
      if (decision.kind !== 'commit') {
        // An append is fenced by the log; saying no is not. Another orchestrator may have moved the run on, and a fact that
        // looks stale, early or unknown here may be the very one that the run waits for.
        if (await this.dependencies.cache.isCurrent(key, run)) {
          if (decision.kind === 'duplicate' && input.fact.kind === 'tool') await this.giveBack(key, await freedInLog(this.dependencies.log, key, input.fact), input.at);
          return translate(decision);
        }
        this.dependencies.cache.forget(key);
        continue;
      }
      const appended = await this.append(key, run, decision.drafts, answeredBy(input), keyGiven(input), 'earlier' in input ? input.earlier?.orders : undefined);
      if (appended === 'lost') continue;
      // Before anybody is told that the fact is in the log: who dies here is told of it again, and then it is a duplicate.
      if (appended.status === 'committed' && input.fact.kind !== 'dispatch') await this.giveBack(key, freedBy(run.state, input.fact), input.at, appended.commits);
      return appended;
    }
    return { status: 'unavailable', reason: 'other writers kept winning the run\'s next place' };
  }

  /** Gives back what a call took from shared budgets, where the log says that it did nothing. */
  private async giveBack(key: RunKey, call: Holder | undefined, at: number, commits?: readonly RecordedCommit[]): Promise<void> {
    if (call?.holds === undefined) return;
    const isTold = commits?.some(({ commit }) => commit.events.some((event) => (event.type === 'tool-returned' || event.type === 'call-parked') && event.callId === call.callId)) ?? true;
    if (isTold) await giveBackOf(this.dependencies.budgets, key, call, at);
  }

  private async append(key: RunKey, start: LoadedRun, drafts: readonly CommitDraft[], answers: string | undefined, given: DataKeyName | undefined, orders: Readonly<Record<string, number>> | undefined): Promise<Processed | 'lost'> {
    let run = start;
    const commits: RecordedCommit[] = [];
    for (const draft of drafts) {
      for (const event of draft.events) {
        if (event.type === 'timer-set') await this.dependencies.armTimer(key, event.timerId, event.dueAt);
        if ((event.type === 'task-accepted' || event.type === 'run-forked') && event.task.thread !== undefined) await this.dependencies.joinThread?.(key, event.task.thread, event.task.dataSubject);
      }
      const parent = answers === undefined ? undefined : start.answerable.get(answers);
      const dataKey = run.head === undefined ? await this.keyFor(key, draft, given) : undefined;
      // An order came after the thread was read: what was read may be what it erases, and is read again.
      if (dataKey !== undefined && (orders?.[dataKey.dataSubject] ?? dataKey.generation) !== dataKey.generation) return 'lost';
      const result = await this.appendDraft(key, run, { ...draft, parent, ...(dataKey === undefined ? {} : { dataKey }) });
      if (result.status === 'unavailable') {
        this.dependencies.cache.forget(key);
        return { status: 'unavailable', reason: result.reason };
      }
      // Whoever erased the run has won its next place: read again, it has ended.
      if (result.status === 'lost' || result.status === 'erased') {
        this.dependencies.cache.forget(key);
        return 'lost';
      }
      commits.push(result.recorded);
      const after = advance(run, result.recorded);
      this.dependencies.cache.store(key, after);
      this.cancelMoot(key, run, after, draft);
      run = after;
    }
    return { status: 'committed', number: run.head?.commit.number ?? 0, commits };
  }

  /** What encrypts a run that begins: the key of the run that its task comes from, or its data subject's own. */
  private async keyFor(key: RunKey, draft: CommitDraft, given: DataKeyName | undefined): Promise<DataKeyName | undefined> {
    const { dataKeys } = this.dependencies;
    if (given !== undefined) return dataKeys?.continue(key, given);
    const begun = draft.events.find((event) => event.type === 'task-accepted' || event.type === 'run-forked');
    return begun?.task.dataSubject === undefined ? undefined : dataKeys?.begin(key, begun.task.dataSubject);
  }

  /** A checkpoint only saves reading, so a commit that it makes too large goes without. */
  private async appendDraft(key: RunKey, run: LoadedRun, draft: AppendableDraft): Promise<AppendResult | { readonly status: 'erased' }> {
    const { log } = this.dependencies;
    const full = withCheckpoint(run, draft);
    try {
      return await log.append(key, full, run.head);
    } catch (error) {
      if (isContentErased(error)) return { status: 'erased' };
      if (!isTooLarge(error) || full === draft) throw error;
      return log.append(key, draft, run.head);
    }
  }

  /** Timers that the run no longer waits for and that did not fire: of answered approvals, and all of a run that ended. */
  private cancelMoot(key: RunKey, before: LoadedRun, after: LoadedRun, draft: CommitDraft): void {
    const { cancelTimer } = this.dependencies;
    if (cancelTimer === undefined) return;
    const still = timersOf(after);
    const fired = new Set(draft.events.flatMap((event) => (event.type === 'timer-fired' ? [event.timerId] : [])));
    for (const [timerId, dueAt] of Object.entries(timersOf(before))) if (still[timerId] === undefined && !fired.has(timerId)) cancelTimer(key, timerId, dueAt);
  }
}

/** The timers that a run waits for. */
function timersOf({ state }: LoadedRun): Readonly<Record<string, number>> {
  return state.phase === 'unborn' ? {} : state.timers;
}

/** The key of the run that this one goes on for. */
function keyGiven(input: Input): DataKeyName | undefined {
  if ('origin' in input) return input.origin?.dataKey;
  return input.fact.kind === 'task' ? input.fact.child?.dataKey : undefined;
}

function isContentErased(error: unknown): boolean {
  return error instanceof HoldfastError && error.code === 'log.content-erased';
}

/** Which earlier commit the input answers; see `LoadedRun.answerable`. */
function answeredBy(input: Input): string | undefined {
  if (input.fact.kind === 'plan') return 'plan';
  return input.fact.kind === 'tool' || input.fact.kind === 'parked' ? input.fact.callId : undefined;
}

function translate(decision: Exclude<Decision, { kind: 'commit' }>): Processed {
  switch (decision.kind) {
    case 'duplicate': return { status: 'duplicate' };
    case 'stale': return { status: 'stale', reason: decision.reason };
    case 'refused': return { status: 'refused', code: decision.code, reason: decision.reason };
  }
}
