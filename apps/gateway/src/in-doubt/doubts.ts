import type { RecordedCommit } from '@holdfast/contracts';
import { callsWith, fold, initialState, openApprovalOf } from '@holdfast/run';
import { PublicView } from '../runs/public-event.js';

/** A call of a run that waits for a person's word whether it happened. */
export interface Doubt {
  readonly operation: string;
  /** False where an earlier release left the doubt, without the operation's key. */
  readonly isInLedger: boolean;
  readonly runId: string;
  readonly callId: string;
  /** The question that is open about it: a call that is tried again may come into doubt again. */
  readonly approvalId: string | undefined;
  readonly agent: string;
  readonly goal: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly since: number;
  readonly reason: string;
}

/** The calls of a run that are in doubt, from its whole history, with secrets left out. */
export function doubtsOf(history: readonly RecordedCommit[], view = new PublicView()): readonly Doubt[] {
  const first = history[0]?.commit;
  const state = fold(history.map(({ commit }) => commit), initialState);
  if (first === undefined || state.phase === 'unborn' || state.phase === 'ended') return [];
  for (const { commit } of history) view.learn(commit);
  return callsWith(state, 'in-doubt').flatMap((call): readonly Doubt[] => {
    for (const { commit } of history.toReversed()) {
      for (const event of commit.events) {
        if (event.type !== 'tool-returned' || event.callId !== call.callId || event.outcome.status !== 'in-doubt') continue;
        return [{
          operation: event.outcome.operationKey ?? `${first.runId}:${call.callId}`, isInLedger: event.outcome.operationKey !== undefined, runId: first.runId, callId: call.callId, approvalId: openApprovalOf(state, call.callId)?.approvalId, agent: state.agent.name, goal: view.scrubText(state.task.goal),
          tool: call.tool, arguments: view.scrub(call.arguments) as Record<string, unknown>, since: commit.at, reason: view.scrubText(event.outcome.failure.message),
        }];
      }
    }
    return [];
  });
}
