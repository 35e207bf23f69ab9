import { hash } from 'node:crypto';
import { HoldfastError, outcomeTooLarge, type ToolOutcome } from '@holdfast/contracts';
import { argumentDigestsOf } from '../ledger/conflict.js';
import { CLAIM_EXPIRED, type Admission } from '../guards/admission.js';
import { SupersededError, type ClaimAnswer } from '../ledger/ledger.js';
import type { Claim, Operation } from '../ledger/operation.js';
import { digestOf } from '../tools/digest.js';
import { operationKey } from '../tools/operation-key.js';
import { identityOf } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { admit } from './admit.js';
import { attemptOnce, type AttemptPlace } from './attempt.js';
import type { ExecutionMeans, RunningCall, ToolCall } from './call.js';
import { ClaimKeeper } from './claim-keeper.js';
import { systemClock } from './clock.js';
import { noFailpoints } from './failpoints.js';
import { failed, inDoubt, succeeded } from './outcomes.js';
import { callDeadline, withRetries } from './retries.js';

/** What a call asks the ledger for. `parsed` are the checked arguments. */
export function operationOf({ tool, tenant, runId, callId, dispatch, dataKey }: ToolCall, parsed: Readonly<Record<string, unknown>>): Operation {
  const identity = identityOf(tool.contract, parsed, { runId, callId });
  // Before a reconcilable tool acts again it asks first, so one attempt of it may take twice its time.
  const attemptMs = tool.contract.timeoutMs * (tool.effect === 'reconcilable' ? 2 : 1);
  const key = operationKey({ tenant, tool: tool.name, identity });
  return { tenant, tool: tool.name, identity, operationKey: key, argumentsDigest: digestOf(parsed), argumentDigests: argumentDigestsOf(key, parsed), runId, callId, attemptMs, retentionMs: tool.contract.retentionMs, ...(dispatch === undefined ? {} : { dispatch }), ...(dataKey === undefined ? {} : { dataKey }) };
}

/** Claims, acts, records; and when the claim is lost on the way, waits for what its successor finds. */
export async function executeMutation(call: RunningCall, operation: Operation, means: ExecutionMeans): Promise<ToolOutcome> {
  const { ledger } = means;
  const clock = means.clock ?? systemClock;
  const failpoints = means.failpoints ?? noFailpoints;
  const harmlessBeside = call.tool.effect === 'idempotent' || call.tool.effect === 'keyed';
  let takeOverOwnCall = call.redelivered === true && harmlessBeside;
  let isFirst = call.redelivered !== true;
  await failpoints.hit('before-claim');
  for (;;) {
    const waitUntil = callDeadline(call, clock.now()) + operation.attemptMs;
    const admitted = await admissionOf(call, means);
    let answer: ClaimAnswer;
    try {
      answer = await ledger.claim(operation, { waitUntil, isFirst, takeOverOwnCall, signal: means.signal });
    } catch (error) {
      release(admitted);
      throw error;
    }
    if (answer.status === 'settled') {
      release(admitted);
      // What others did is not for a call that may not act; what its own earlier deliveries did must be told.
      return call.forbidden === undefined || (await ledger.knows(operation)) ? answer.outcome : failed(call.forbidden);
    }
    const working = new ClaimedCall(call, means, answer.claim, admitted);
    try {
      await failpoints.hit('after-claim');
      const outcome = await working.settle();
      await failpoints.hit('after-effect');
      const recorded = await record(ledger, working.claim, outcome);
      if (recorded !== undefined) {
        await failpoints.hit('after-outcome');
        return recorded;
      }
    } catch (error) {
      if (!(error instanceof SupersededError)) throw error;
    } finally {
      release(admitted);
      ledger.release(working.claim);
    }
    // The successor may be another delivery of this very call: two that take over from each other would never end.
    takeOverOwnCall = false;
    isFirst = false;
  }
}

/**
 * Waits, before the claim or its renewal, for what the attempt needs. Why it may not begin is told only by who holds the claim: an
 * earlier delivery of the call may have acted, and then its outcome is the call's.
 */
async function admissionOf(call: RunningCall, means: ExecutionMeans): Promise<Admission | ToolError | undefined> {
  if (call.forbidden !== undefined) return undefined;
  try {
    return await admit(call, means);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
}

function release(admitted: Admission | ToolError | undefined): void {
  if (admitted !== undefined && !(admitted instanceof ToolError)) admitted.release();
}

/**
 * The outcome as it is recorded: without its content where the ledger's message cannot carry that, since an effect whose
 * outcome is not recorded would be made again. Undefined when a later claim exists.
 */
async function record(ledger: ExecutionMeans['ledger'], claim: Claim, outcome: ToolOutcome): Promise<ToolOutcome | undefined> {
  try {
    return (await ledger.record(claim, outcome)) === 'recorded' ? outcome : undefined;
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'bus.rejected' || outcome.status !== 'succeeded') throw error;
    const short = outcomeTooLarge(outcome, (text) => hash('sha256', text));
    return (await ledger.record(claim, short)) === 'recorded' ? short : undefined;
  }
}

/** A call that holds its operation's claim, and what is known of the effect so far. */
class ClaimedCall {
  /** True while an attempt, of this claim or of one before it, may have acted without anybody knowing. */
  private mayHaveHappened: boolean;
  private readonly keeper: ClaimKeeper;

  constructor(private readonly call: RunningCall, private readonly means: ExecutionMeans, claim: Claim, private readonly admitted: Admission | ToolError | undefined) {
    this.keeper = new ClaimKeeper(claim, means);
    // A person who lets it be tried again need not know what became of it; a system of record that can be asked does.
    this.mayHaveHappened = claim.inherited || (claim.retried && call.tool.reconcile !== undefined);
  }

  get claim(): Claim {
    return this.keeper.claim;
  }

  /** Acts until an outcome is certain, or certain to stay unknown. */
  async settle(): Promise<ToolOutcome> {
    try {
      return await this.act();
    } finally {
      await this.keeper.stop();
    }
  }

  private async act(): Promise<ToolOutcome> {
    const { tool, attempts } = this.call;
    if (tool.effect === 'at-most-once' && this.mayHaveHappened) {
      return inDoubt(tool, this.claim, 'a worker was lost after it had claimed the operation, and such a tool is never tried twice.', attempts);
    }
    // An unknown answer of an at-most-once tool is the end; all other classes have a safe way to go on.
    const mayRetry = ({ kind }: ToolError): boolean => kind === 'not-done' || (kind === 'unknown' && tool.effect !== 'at-most-once');
    try {
      return succeeded(tool, await withRetries(this.call, this.means, mayRetry, (number) => this.once(number)), attempts);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return this.settleFailure(error);
    }
  }

  private async once(number: number): Promise<unknown> {
    const { tool, parsed, forbidden, deadline } = this.call;
    const { ledger } = this.means;
    const admission = await this.admission(number);
    try {
      await this.keeper.stop();
      if (number > 1) await this.keeper.renew();
      if (this.mayHaveHappened && tool.effect === 'reconcilable') {
        const found = await this.ask({ number, deadline });
        if (found !== undefined) return found.result;
      }
      if (forbidden !== undefined) throw forbidden;
      if (admission instanceof ToolError) throw admission;
      return await admission?.run(async () => {
        if (!ledger.mayAct(this.claim, tool.contract.timeoutMs)) throw ToolError.notDone({ code: CLAIM_EXPIRED, message: `Too much time passed since ${tool.name} was claimed.` });
        try {
          return await attemptOnce(this.call, this.means, { number, deadline }, (context) => tool.execute(parsed, context));
        } catch (error) {
          if (error instanceof ToolError && error.kind === 'unknown') this.mayHaveHappened = true;
          throw error;
        }
      });
    } catch (error) {
      this.keeper.start();
      throw error;
    } finally {
      release(admission);
    }
  }

  private admission(number: number): Promise<Admission | ToolError | undefined> {
    return number === 1 ? Promise.resolve(this.admitted) : admissionOf(this.call, this.means);
  }

  /** Asks the system of record. Undefined means that it certainly did not happen; without an answer nothing is known. */
  private async ask(place: AttemptPlace): Promise<{ readonly result: unknown } | undefined> {
    const { tool, parsed } = this.call;
    try {
      const answer = await attemptOnce(this.call, this.means, place, async (context) => tool.reconcile?.(parsed, context));
      if (answer?.status === 'done') return { result: answer.result };
      if (answer?.status === 'not-done') this.mayHaveHappened = false;
      return undefined;
    } catch (error) {
      const reason = error instanceof ToolError ? error : undefined;
      throw ToolError.unknown({ code: 'tool.not-reconciled', message: `Whether ${tool.name} happened could not be found out. ${reason?.message ?? ''}`, retryAfterMs: reason?.retryAfterMs, cause: error });
    }
  }

  private async settleFailure(error: ToolError): Promise<ToolOutcome> {
    const { tool, attempts } = this.call;
    if (error.kind === 'done') return failed(error, attempts);
    if (this.mayHaveHappened && tool.reconcile !== undefined) {
      try {
        // To find out what happened has a time of its own: the call's may be what is over.
        const deadline = callDeadline({ tool: { ...tool, contract: { ...tool.contract, deadlineMs: undefined } } }, (this.means.clock ?? systemClock).now());
        const found = await withRetries({ ...this.call, deadline }, this.means, ({ kind }) => kind === 'unknown', (number) => this.ask({ number, deadline }));
        if (found !== undefined) return succeeded(tool, found.result, attempts);
      } catch (cause) {
        if (!(cause instanceof ToolError)) throw cause;
      }
    }
    // Even a refusal leaves the doubt of an earlier attempt standing: the refused request was another one.
    return this.mayHaveHappened ? inDoubt(tool, this.claim, error.message, attempts) : failed(error, attempts);
  }
}
