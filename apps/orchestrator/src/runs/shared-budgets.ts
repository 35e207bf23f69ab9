import type { BudgetBook } from '@holdfast/budgets';
import type { EventLog } from '@holdfast/event-log';
import { hasActed, type BudgetDraw, type Fact, type FactOf, type RunEventOf, type RunKey } from '@holdfast/contracts';
import { decide, type CallState, type CommitDraft, type Decision, type Input, type JudgedCall, type RunState } from '@holdfast/run';

/**
 * Decides, takes what the decided calls draw upon from the budgets that runs share, and decides again without the calls that
 * do not get it. What is taken is durable before the commit that sends the call: a crash in between leaves it taken, and who
 * decides the same again takes nothing more. Throws `budget.unavailable` (retryable).
 */
export async function decideWithin(budgets: Pick<BudgetBook, 'take' | 'giveBack'>, { tenant, runId }: RunKey, state: RunState, asked: Input): Promise<Decision> {
  let input = asked;
  for (;;) {
    const decision = decide(state, input);
    if (decision.kind !== 'commit' || !('judged' in input)) return decision;
    const { judged, at } = input;
    const refused = new Map<string, string>();
    const head = state.phase === 'unborn' ? 0 : state.head;
    for (const { callId, amount = 0, holds = [] } of sentBy(decision.drafts)) {
      const key = { run: runId, taker: callId };
      let shortfall: string | undefined;
      for (const draw of drawsOf(judged, callId)) shortfall ??= await budgets.take({ tenant, draw, key, head, use: { calls: 1, amount, tokens: 0, costMicros: 0 }, at });
      if (shortfall === undefined) continue;
      refused.set(callId, shortfall);
      // What some of its budgets gave is of no use without the others.
      for (const hold of holds) await budgets.giveBack(tenant, hold, key, head + 1, at);
    }
    if (refused.size === 0) return decision;
    input = { ...input, judged: judged.map((one) => ({ ...one, ...(refused.has(one.verdict.callId) ? { shortfall: refused.get(one.verdict.callId) } : {}) })) };
  }
}

type Sent = RunEventOf<'tool-called'>;

function sentBy(drafts: readonly CommitDraft[]): readonly Sent[] {
  return drafts.flatMap(({ events }) => events).filter((event): event is Sent => event.type === 'tool-called' && event.holds !== undefined);
}

function drawsOf(judged: readonly JudgedCall[], callId: string): readonly BudgetDraw[] {
  return judged.find(({ verdict }) => verdict.callId === callId)?.verdict.draws ?? [];
}

/** A call by what it took, and the commit that sent it. */
export type Holder = Pick<CallState, 'callId' | 'holds' | 'dispatch'>;

/** The call of which a fact says that it did certainly nothing, as the state before had it. One in doubt keeps what it took. */
export function freedBy(state: RunState, fact: Fact): Holder | undefined {
  if (state.phase === 'unborn' || !(fact.kind === 'parked' || isWithoutEffect(fact)) || !Object.hasOwn(state.calls, fact.callId)) return undefined;
  return state.calls[fact.callId];
}

/** The same from the log, once the state has forgotten the call: who folded the fact may have died before giving back. */
export async function freedInLog(log: Pick<EventLog, 'readAfter'>, key: RunKey, fact: Fact): Promise<Holder | undefined> {
  if (!isWithoutEffect(fact) || fact.dispatch === undefined) return undefined;
  const [sent] = await log.readAfter(key, fact.dispatch - 1);
  const call = sent?.commit.events.find((event) => event.type === 'tool-called' && event.callId === fact.callId);
  return call?.type === 'tool-called' ? { callId: call.callId, holds: call.holds, dispatch: fact.dispatch } : undefined;
}

function isWithoutEffect(fact: Fact): fact is FactOf<'tool'> {
  return fact.kind === 'tool' && fact.outcome.status === 'failed' && !hasActed(fact.outcome);
}

/** Gives back what a call took that did nothing. Throws `budget.unavailable` (retryable). */
export async function giveBackOf(budgets: Pick<BudgetBook, 'giveBack'>, { tenant, runId }: RunKey, { callId, holds = [], dispatch = 0 }: Holder, at: number): Promise<void> {
  for (const hold of holds) await budgets.giveBack(tenant, hold, { run: runId, taker: callId }, dispatch, at);
}
