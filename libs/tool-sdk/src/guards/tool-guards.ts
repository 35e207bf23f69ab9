import { bulkhead, isBulkheadRejectedError, type BulkheadPolicy } from 'cockatiel';
import { HoldfastError } from '@holdfast/contracts';
import { silentLog, type ToolLog } from '../tools/call-context.js';
import type { Tool } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { Admission } from './admission.js';
import type { BreakerRecord, GuardStore } from './guard-store.js';
import { InMemoryGuardStore } from './memory-guard-store.js';
import { RetryBudget } from './retry-budget.js';
import { SharedBreaker } from './shared-breaker.js';
import { SharedRate } from './shared-rate.js';

export interface GuardSettings {
  /** Failures in a row, of whichever calls, after which a tool's circuit opens, where its contract says nothing. */
  readonly failuresToOpen?: number;
  /** How long it stays open before one call may try, in milliseconds, where its contract says nothing. */
  readonly halfOpenAfterMs?: number;
  /** Where breakers and rates are shared; with nobody when left out. */
  readonly store?: GuardStore;
  /** This process's own name, new at every start. */
  readonly owner?: string;
  /** Calls of one tool that may wait for a place; more are given back, so that they hold no place of the worker that other tools need. */
  readonly waiting?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic?: () => number;
  readonly log?: ToolLog;
}

type Filled = Required<GuardSettings>;

/** What asking to begin an attempt is answered with. */
export type AdmitAnswer =
  | { readonly status: 'admitted'; readonly admission: Admission }
  | { readonly status: 'wait'; readonly guard: 'breaker' | 'rate'; readonly waitMs: number; readonly error: () => ToolError };

/** A probe counts as dead this long after its time-out. */
const PROBE_GRACE_MS = 1_000;

/** What all calls of one tool share: its places and its budget of retries in this process, its breaker and its rate in all. */
export class ToolGuard {
  readonly budget: RetryBudget;
  readonly breaker: SharedBreaker;
  private readonly rate: SharedRate | undefined;
  private readonly places: BulkheadPolicy;

  constructor(private readonly tool: Tool, settings: Filled) {
    const { name, breaker, rateLimit, timeoutMs, concurrency } = tool.contract;
    const { store, owner, monotonic, log } = settings;
    this.budget = new RetryBudget(monotonic);
    this.breaker = new SharedBreaker({
      tool: name, failures: breaker?.failures ?? settings.failuresToOpen, openMs: breaker?.openMs ?? settings.halfOpenAfterMs,
      probeMs: timeoutMs + PROBE_GRACE_MS, store, owner, monotonic, log,
    });
    this.rate = rateLimit === undefined ? undefined : new SharedRate({ tool: name, ...rateLimit, store, monotonic });
    this.places = bulkhead(concurrency, settings.waiting);
  }

  /** Waits for one of the tool's places. Throws `tool.crowded` (retryable) when too many wait already. */
  async withPlace<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.places.execute(work);
    } catch (error) {
      if (!isBulkheadRejectedError(error)) throw error;
      throw new HoldfastError({ code: 'tool.crowded', message: `Too many calls of ${this.tool.name} wait in this worker.`, retryable: true, remedy: 'Nothing; the call is tried again later. If it lasts, run more workers or raise the tool\'s concurrency.', cause: error });
    }
  }

  /** Never waits for anything but the store. The breaker is asked last, so that a probe is not held up by the rate. */
  async admit(): Promise<AdmitAnswer> {
    const refused = await this.breaker.refusal();
    if (refused !== undefined) return this.leftAlone(refused.waitMs, refused.reason);
    const token = await this.rate?.take();
    if (token !== undefined && 'waitMs' in token) return { status: 'wait', guard: 'rate', waitMs: token.waitMs, error: () => this.rateLimited(token.waitMs) };
    const entry = await this.breaker.enter();
    const rate = this.rate === undefined || token === undefined ? undefined : { limit: this.rate, token };
    if (typeof entry === 'string') return { status: 'admitted', admission: new Admission(this.tool.name, entry === 'probe', this.breaker, rate) };
    if (rate !== undefined) rate.limit.giveBack(rate.token);
    return this.leftAlone(entry.waitMs, entry.reason);
  }

  private leftAlone(waitMs: number, reason: string): AdmitAnswer {
    const error = (): ToolError => ToolError.notDone({ code: 'tool.circuit-open', message: `${this.tool.name} is left alone for a while: ${reason}`, remedy: 'Look at the system behind the tool; calls go through again once one has succeeded.', retryAfterMs: waitMs });
    return { status: 'wait', guard: 'breaker', waitMs, error };
  }

  private rateLimited(waitMs: number): ToolError {
    return ToolError.notDone({ code: 'tool.rate-limited', message: `${this.tool.name} may not be called more often now.`, remedy: 'Try again later, or raise the rate limit of its contract.', retryAfterMs: waitMs });
  }
}

/** The guards of all tools of a process. */
export class ToolGuards {
  private readonly guards = new Map<string, ToolGuard>();
  private readonly settings: Filled;

  constructor(settings: GuardSettings = {}) {
    this.settings = {
      failuresToOpen: 5, halfOpenAfterMs: 5_000, owner: `worker-${crypto.randomUUID()}`, waiting: Number.MAX_SAFE_INTEGER,
      monotonic: () => performance.now(), log: silentLog, store: new InMemoryGuardStore(), ...settings,
    };
    this.settings.store.listen((tool, guard, change) => {
      if (guard === 'breaker') this.guards.get(tool)?.breaker.hear(change);
    });
  }

  of(tool: Tool): ToolGuard {
    const known = this.guards.get(tool.name);
    if (known !== undefined) return known;
    const guard = new ToolGuard(tool, this.settings);
    this.guards.set(tool.name, guard);
    return guard;
  }

  /** The breaker of every tool that was called, as this worker knows it. */
  states(): ReadonlyMap<string, BreakerRecord> {
    return new Map([...this.guards].map(([tool, { breaker }]) => [tool, breaker.state]));
  }
}
