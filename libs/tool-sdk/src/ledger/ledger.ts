import { HoldfastError, type EffectClaim, type EffectOutcome, type ResolutionKind, type ToolOutcome } from '@holdfast/contracts';
import { systemClock, type Clock } from '../execution/clock.js';
import { refuseOtherArguments } from './conflict.js';
import { appendDurably, readDurably } from './durable-append.js';
import type { EffectStore, StoredEffect } from './effect-store.js';
import { HeldClaims } from './held-claims.js';
import { effectSubject, isOfCall, isOwnCall, permitsAnotherClaim, type Claim, type Operation } from './operation.js';
import { expiryOf, hasExpired } from './retention.js';
import { isOpenTo, leavesFree, outcomeOf, type ResolveAnswer, type ResolveOptions, type Resolution } from './resolution.js';
import { SettledCalls } from './settled-calls.js';

export interface LedgerSettings {
  readonly store: EffectStore;
  /** This process's own name, new at every start: after a restart the earlier self is another owner. */
  readonly owner: string;
  readonly clock?: Clock;
  /** From 0 inclusive to 1 exclusive; spreads the polls of waiting callers. */
  readonly random?: () => number;
  /** Added to an attempt's time before its claimant counts as dead; covers the difference of the workers' clocks. */
  readonly graceMs?: number;
  /** How long a broken connection to the store is borne. */
  readonly patienceMs?: number;
}

export interface ClaimOptions {
  /** When waiting for another claimant ends, in milliseconds since the Unix epoch. */
  readonly waitUntil: number;
  /** True when nobody can have claimed the operation for this very call before, as when it is delivered for the first time. */
  readonly isFirst?: boolean;
  /** True when this call's earlier claimant is known to be silent and acting beside it would do no harm. */
  readonly takeOverOwnCall?: boolean;
  readonly signal?: AbortSignal;
}

/** `settled`: the operation has its outcome, and nothing may be done. */
export type ClaimAnswer = { readonly status: 'granted'; readonly claim: Claim } | { readonly status: 'settled'; readonly outcome: ToolOutcome };

/** What the execution of calls needs of a ledger. */
export interface LedgerPort {
  claim(operation: Operation, options: ClaimOptions): Promise<ClaimAnswer>;
  renew(claim: Claim): Promise<Claim>;
  mayAct(claim: Claim, timeoutMs: number): boolean;
  record(claim: Claim, outcome: ToolOutcome): Promise<'recorded' | 'superseded'>;
  release(claim: Claim): void;
  knows(operation: Operation): Promise<boolean>;
  resolve(operation: Operation, resolution: Resolution, options: ResolveOptions): Promise<ResolveAnswer>;
}

/** What a new claim is like: how many there were, and what its holder must reckon with. */
type ClaimNature = Pick<Claim, 'inherited' | 'retried'> & { readonly epoch: number };

const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 250;

/** The claim has passed to another worker; whoever held it must not act any more. */
export class SupersededError extends HoldfastError {
  constructor(claim: Claim) {
    super({ code: 'effect.superseded', message: `The claim of epoch ${claim.record.epoch} on ${effectSubject(claim.operation)} was taken over.`, retryable: true, remedy: 'Wait for the outcome of the later claim.' });
  }
}

/**
 * The ledger of operations: nobody acts without a durable claim, and everybody who asks for the same operation is given
 * the one outcome. A claim is fenced by the store's expected sequence and counted by its epoch, so a worker that was
 * paused and wakes up after a takeover can record nothing.
 */
export class Ledger implements LedgerPort {
  private readonly clock: Clock;
  private readonly graceMs: number;
  private readonly patienceMs: number;
  private readonly held = new HeldClaims();
  private readonly settledCalls: SettledCalls;

  constructor(private readonly settings: LedgerSettings) {
    this.clock = settings.clock ?? systemClock;
    this.graceMs = settings.graceMs ?? 1_000;
    this.patienceMs = settings.patienceMs ?? 30_000;
    this.settledCalls = new SettledCalls(settings.store, this.clock, this.patienceMs);
  }

  /**
   * Claims the operation, or learns its outcome. While another claimant is alive it waits. A call's first claim is tried
   * without reading what there is, since mostly there is nothing and the store's expected sequence says so when there is.
   * Throws `effect.conflict` when the operation was asked for with other arguments, `effect.in-progress` (retryable)
   * when the wait was too long or was cut short by the signal, `effect.unavailable` (retryable) without a store.
   */
  async claim(operation: Operation, options: ClaimOptions): Promise<ClaimAnswer> {
    const subject = effectSubject(operation);
    const first = options.isFirst === true ? await this.append(operation, 0, { epoch: 1, inherited: false, retried: false }) : undefined;
    if (first !== undefined) return { status: 'granted', claim: first };
    for (let poll = FIRST_POLL_MS; ; ) {
      const last = await readDurably(this.settings.store, this.clock, this.patienceMs, subject);
      const view = this.judge(last, operation, options);
      if (view.status === 'settled') return view;
      if (view.status === 'free') {
        const ended = last === undefined || isOfCall(last.record, operation) ? undefined : await this.settledCalls.outcomeOf(operation);
        if (ended !== undefined) return { status: 'settled', outcome: ended };
        const claim = await this.append(operation, last?.sequence ?? 0, view);
        if (claim !== undefined) return { status: 'granted', claim };
        continue;
      }
      poll = await this.pause(poll, view.record, options);
    }
  }

  /**
   * Records a person's word about an operation in doubt. The first word wins, by the store's expected sequence: another
   * one, and the same one when it is delivered again, is answered with what the ledger holds by then, after waiting for
   * whoever does the operation. A word about an earlier doubt than the present one settles nothing: it is answered with
   * the present doubt. Where the ledger holds nothing any more, the word is all that is known, and recorded.
   * Throws `effect.conflict` when the operation was done since with other arguments, `effect.in-progress` (retryable) and
   * `effect.unavailable` (retryable) like {@link claim}.
   */
  async resolve(operation: Operation, resolution: Resolution, options: ResolveOptions): Promise<ResolveAnswer> {
    for (let poll = FIRST_POLL_MS; ; ) {
      const last = await readDurably(this.settings.store, this.clock, this.patienceMs, effectSubject(operation));
      if (last?.record.kind === 'claim') {
        refuseOtherArguments(last.record, operation);
        poll = await this.pause(poll, last.record, options);
        continue;
      }
      if (last !== undefined && !hasExpired(last.record, this.clock.now()) && !isOpenTo(last.record, resolution, options.claim)) {
        return leavesFree(last.record, resolution) ? { status: 'free' } : { status: 'settled', outcome: told(last.record, operation) };
      }
      const { operationKey, runId, callId } = operation;
      const { argumentsDigest, argumentDigests } = last?.record ?? operation;
      const outcome = outcomeOf(resolution, options.by, operation);
      const record: EffectOutcome = {
        kind: 'outcome', operationKey, argumentsDigest, argumentDigests, epoch: (last?.record.epoch ?? 0) + 1, outcome,
        run: runId, callId, ...this.datesOf(outcome, operation, resolution.kind), resolution: { kind: resolution.kind, by: options.by, dispatch: operation.dispatch ?? 0 }, ...keyOf(operation),
      };
      const answer = await appendDurably(this.settings.store, this.clock, this.patienceMs, effectSubject(operation), record, last?.sequence ?? 0);
      if (answer.status === 'stored') return leavesFree(record, resolution) ? { status: 'free' } : { status: 'settled', outcome };
    }
  }

  /** Lets time pass before the store is asked again, and says how long the next pause is. Throws when the wait is over. */
  private async pause(poll: number, record: EffectClaim, { waitUntil, signal }: Pick<ClaimOptions, 'waitUntil' | 'signal'>): Promise<number> {
    if (this.clock.now() >= waitUntil || signal?.aborted === true) throw inProgress(record);
    // Waiting callers must not ask the store in step with each other.
    await this.clock.sleep(poll * (0.5 + (this.settings.random ?? Math.random)() / 2), signal);
    return Math.min(poll * 2, LONGEST_POLL_MS);
  }

  private judge(last: StoredEffect | undefined, operation: Operation, options: ClaimOptions):
    | { readonly status: 'settled'; readonly outcome: ToolOutcome }
    | ({ readonly status: 'free' } & ClaimNature)
    | { readonly status: 'busy'; readonly record: EffectClaim } {
    if (last === undefined) return { status: 'free', epoch: 1, inherited: false, retried: false };
    const { record } = last;
    const epoch = record.epoch + 1;
    if (record.kind === 'outcome') {
      const isFree = (permitsAnotherClaim(record) || hasExpired(record, this.clock.now())) && !isOwnCall(record, operation);
      return isFree ? { status: 'free', epoch, inherited: false, retried: record.resolution?.kind === 'retry' } : { status: 'settled', outcome: told(record, operation) };
    }
    refuseOtherArguments(record, operation);
    const orphaned = record.owner === this.settings.owner && !this.held.has(record);
    const dead = this.clock.now() > record.at + operation.attemptMs + this.graceMs;
    const silent = options.takeOverOwnCall === true && isOwnCall(record, operation);
    return orphaned || dead || silent ? { status: 'free', epoch, inherited: true, retried: false } : { status: 'busy', record };
  }

  /** Claims again before another attempt, so that the claim stays younger than an attempt. Throws {@link SupersededError}. */
  async renew(claim: Claim): Promise<Claim> {
    const renewed = await this.append(claim.operation, claim.sequence, { ...claim, epoch: claim.record.epoch + 1 });
    if (renewed === undefined) throw new SupersededError(claim);
    this.held.remove(claim.record);
    return renewed;
  }

  /** False when an attempt of this length would outlive the claim: time was lost since, and another may take over. */
  mayAct(claim: Claim, timeoutMs: number): boolean {
    return this.clock.now() + timeoutMs <= claim.record.at + claim.operation.attemptMs + this.graceMs / 2;
  }

  /** Makes the outcome durable, unless a later claim exists; then what this worker believes counts for nothing. */
  async record(claim: Claim, outcome: ToolOutcome): Promise<'recorded' | 'superseded'> {
    const { operationKey, argumentsDigest, argumentDigests, run, callId, epoch } = claim.record;
    const record: EffectOutcome = { kind: 'outcome', operationKey, argumentsDigest, argumentDigests, epoch, outcome, run, callId, ...this.datesOf(outcome, claim.operation), ...(claim.operation.dispatch === undefined ? {} : { dispatch: claim.operation.dispatch }), ...keyOf(claim.operation) };
    await this.settledCalls.keep(claim.operation, record);
    const answer = await appendDurably(this.settings.store, this.clock, this.patienceMs, effectSubject(claim.operation), record, claim.sequence);
    return answer.status === 'stored' ? 'recorded' : 'superseded';
  }

  /** Says that this process no longer works on the claim. To be called whatever happened. */
  release(claim: Claim): void {
    this.held.remove(claim.record);
  }

  /** True when this very call has claimed the operation before, and so may have acted. */
  async knows(operation: Operation): Promise<boolean> {
    const last = await readDurably(this.settings.store, this.clock, this.patienceMs, effectSubject(operation));
    return last !== undefined && isOwnCall(last.record, operation);
  }

  private datesOf(outcome: ToolOutcome, operation: Operation, word?: ResolutionKind): Pick<EffectOutcome, 'at' | 'expiresAt'> {
    const at = this.clock.now();
    return { at, expiresAt: expiryOf(outcome, word, operation, at, this.graceMs) };
  }

  private async append(operation: Operation, expectedSequence: number, { epoch, inherited, retried }: ClaimNature): Promise<Claim | undefined> {
    const { operationKey, tool, identity, argumentsDigest, argumentDigests, runId, callId } = operation;
    const record: EffectClaim = { kind: 'claim', operationKey, tool, identity, argumentsDigest, argumentDigests, run: runId, callId, owner: this.settings.owner, epoch, at: this.clock.now(), ...keyOf(operation) };
    // Held before it is stored: a neighbour in this process must never read a claim of ours that seems given up.
    if (!this.held.add(record)) return undefined;
    let stored = false;
    try {
      const answer = await appendDurably(this.settings.store, this.clock, this.patienceMs, effectSubject(operation), record, expectedSequence);
      if (answer.status !== 'stored') return undefined;
      stored = true;
      return { operation, record, sequence: answer.sequence, inherited, retried };
    } finally {
      if (!stored) this.held.remove(record);
    }
  }
}

/** What an asker is told of a final outcome. A call that is delivered again gets the very outcome that it recorded, so that its fact stays the same. */
function told(record: EffectOutcome, operation: Operation): ToolOutcome {
  if (isOwnCall(record, operation)) return record.outcome;
  if (!permitsAnotherClaim(record)) refuseOtherArguments(record, operation);
  return record.outcome.status === 'succeeded' ? { ...record.outcome, replayed: true } : record.outcome;
}

function keyOf({ dataKey }: Operation): Pick<EffectClaim, 'dataKey'> {
  return dataKey === undefined ? {} : { dataKey };
}

function inProgress(record: EffectClaim): HoldfastError {
  return new HoldfastError({ code: 'effect.in-progress', message: `Call ${record.callId} of run ${record.run} has been working on this operation for too long to wait.`, retryable: true, remedy: 'Try the call again later; it will be given the outcome.' });
}
