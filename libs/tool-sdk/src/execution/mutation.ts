import { hash } from 'node:crypto';
import { HoldfastError, outcomeTooLarge, type ToolOutcome } from '@holdfast/contracts';
import { argumentDigestsOf } from '../ledger/conflict.js';
import { SupersededError } from '../ledger/ledger.js';
import type { Claim, Operation } from '../ledger/operation.js';
import { digestOf } from '../tools/digest.js';
import { operationKey } from '../tools/operation-key.js';
import { identityOf } from '../tools/tool.js';
import { ToolError } from '../tools/tool-error.js';
import { attemptOnce } from './attempt.js';
import type { ExecutionMeans, RunningCall, ToolCall } from './call.js';
import { systemClock } from './clock.js';
import { noFailpoints } from './failpoints.js';
import { failed, inDoubt, succeeded } from './outcomes.js';
import { callDeadline, withRetries } from './retries.js';
import { CLAIM_EXPIRED } from './tool-guards.js';

/** What a call asks the ledger for. `parsed` are the checked arguments. */
export function operationOf({ tool, tenant, runId, callId, dispatch }: ToolCall, parsed: Readonly<Record<string, unknown>>): Operation {
  const identity = identityOf(tool.contract, parsed, { runId, callId });
  // Before a reconcilable tool acts again it asks first, so one attempt of it may take twice its time.
  const attemptMs = tool.contract.timeoutMs * (tool.effect === 'reconcilable' ? 2 : 1);
  const key = operationKey({ tenant, tool: tool.name, identity });
  return { tenant, tool: tool.name, identity, operationKey: key, argumentsDigest: digestOf(parsed), argumentDigests: argumentDigestsOf(key, parsed), runId, callId, attemptMs, retentionMs: tool.contract.retentionMs, ...(dispatch === undefined ? {} : { dispatch }) };
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
    const answer = await ledger.claim(operation, { waitUntil, isFirst, takeOverOwnCall, signal: means.signal });
    // What others did is not for a call that may not act; what its own earlier deliveries did must be told.
    if (answer.status === 'settled') return call.forbidden === undefined || (await ledger.knows(operation)) ? answer.outcome : failed(call.forbidden);
    const working = new ClaimedCall(call, means, answer.claim);
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
      ledger.release(working.claim);
    }
    // The successor may be another delivery of this very call: two that take over from each other would never end.
    takeOverOwnCall = false;
    isFirst = false;
  }
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

  constructor(private readonly call: RunningCall, private readonly means: ExecutionMeans, public claim: Claim) {
    // A person who lets it be tried again need not know what became of it; a system of record that can be asked does.
    this.mayHaveHappened = claim.inherited || (claim.retried && call.tool.reconcile !== undefined);
  }

  /** Acts until an outcome is certain, or certain to stay unknown. */
  async settle(): Promise<ToolOutcome> {
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
    const { tool, parsed, forbidden } = this.call;
    const { guards, ledger } = this.means;
    if (number > 1) this.claim = await ledger.renew(this.claim);
    if (this.mayHaveHappened && tool.effect === 'reconcilable') {
      const found = await this.ask(number);
      if (found !== undefined) return found.result;
    }
    if (forbidden !== undefined) throw forbidden;
    return guards.of(tool).throughCircuit(async () => {
      if (!ledger.mayAct(this.claim, tool.contract.timeoutMs)) throw ToolError.notDone({ code: CLAIM_EXPIRED, message: `Too much time passed since ${tool.name} was claimed.` });
      try {
        return await attemptOnce(this.call, this.means, number, (context) => tool.execute(parsed, context));
      } catch (error) {
        if (error instanceof ToolError && error.kind === 'unknown') this.mayHaveHappened = true;
        throw error;
      }
    });
  }

  /** Asks the system of record. Undefined means that it certainly did not happen; without an answer nothing is known. */
  private async ask(number: number): Promise<{ readonly result: unknown } | undefined> {
    const { tool, parsed } = this.call;
    try {
      const answer = await attemptOnce(this.call, this.means, number, async (context) => tool.reconcile?.(parsed, context));
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
        const found = await withRetries(this.call, this.means, ({ kind }) => kind === 'unknown', (number) => this.ask(number));
        if (found !== undefined) return succeeded(tool, found.result, attempts);
      } catch (cause) {
        if (!(cause instanceof ToolError)) throw cause;
      }
    }
    // Even a refusal leaves the doubt of an earlier attempt standing: the refused request was another one.
    return this.mayHaveHappened ? inDoubt(tool, this.claim, error.message, attempts) : failed(error, attempts);
  }
}
