import { subjects, type EffectOutcome, type ToolOutcome } from '@holdfast/contracts';
import type { Clock } from '../execution/clock.js';
import { digestOf } from '../tools/digest.js';
import { appendDurably, readDurably } from './durable-append.js';
import type { EffectStore } from './effect-store.js';
import { permitsAnotherClaim, type Operation } from './operation.js';

/** A delivery of a call that was settled can come late by what brokers forget in a crash, and never by so much: a week, in milliseconds. */
const KEPT_MS = 604_800_000;

/**
 * Outcomes of calls that had no effect, each under its own call. The ledger keeps the last record of an operation, and
 * after an outcome without effect another call may put its own there. A late delivery of the first call would then find
 * nothing of itself, and act for a run that has long been told that nothing happened.
 */
export class SettledCalls {
  constructor(private readonly store: EffectStore, private readonly clock: Clock, private readonly patienceMs: number) {}

  /** To be called before the outcome is recorded, so that whoever finds the operation free finds this as well. */
  async keep(operation: Operation, outcome: EffectOutcome): Promise<void> {
    if (!permitsAnotherClaim(outcome)) return;
    const record: EffectOutcome = { ...outcome, expiresAt: outcome.at + KEPT_MS };
    for (let expected = 0; ; ) {
      const answer = await appendDurably(this.store, this.clock, this.patienceMs, subjectOf(operation), record, expected);
      if (answer.status === 'stored') return;
      const last = await this.last(operation);
      if (last !== undefined && answers(last.record, operation)) return;
      expected = last?.sequence ?? 0;
    }
  }

  /** How this call ended without effect, unless it has been dispatched anew since. */
  async outcomeOf(operation: Operation): Promise<ToolOutcome | undefined> {
    const last = await this.last(operation);
    return last !== undefined && answers(last.record, operation) ? last.record.outcome : undefined;
  }

  private async last(operation: Operation): Promise<{ readonly record: EffectOutcome; readonly sequence: number } | undefined> {
    const last = await readDurably(this.store, this.clock, this.patienceMs, subjectOf(operation));
    return last?.record.kind === 'outcome' ? { record: last.record, sequence: last.sequence } : undefined;
  }
}

/** Beside the subjects of the operations, under a digest that none of them can have. */
function subjectOf({ tenant, tool, runId, callId }: Operation): string {
  return subjects.effect(tenant, tool, digestOf({ settledCall: callId, run: runId }));
}

function answers({ dispatch }: EffectOutcome, operation: Operation): boolean {
  return dispatch === undefined || operation.dispatch === undefined || operation.dispatch <= dispatch;
}
