import { MAY_BE_RETRIED, wholeLabel, type FactOf, type ResultLabels, type RunEvent, type ToolOutcome } from '@holdfast/contracts';
import { doubtIdOf } from '../names.js';
import { isFolded } from '../state/folded.js';
import { isOutSince, ownMember, type CallState, type LiveState, type RunState } from '../state/state.js';
import { noteCompensation } from './compensation.js';
import { commitOne, duplicate, stale, type Decision } from './decision.js';

/**
 * A tool's outcome settles its call, even when the run is being wound down: money that moved must be in the log.
 * When nobody can know whether the effect happened, a person is asked, and the run waits.
 */
export function decideTool(state: RunState, fact: FactOf<'tool'>, labels: ResultLabels, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const call = ownMember(state.calls, fact.callId);
  if (call === undefined || !isOutSince(call, fact.dispatch)) return stale(`call ${fact.callId} does not wait for this outcome`);
  const released = retried(state, call, fact.outcome);
  if (released !== undefined) return commitOne(state, { kind: 'tool', id: fact.id }, at, [released]);
  const events: RunEvent[] = [{ type: 'tool-returned', callId: call.callId, tool: call.tool, outcome: fact.outcome, ...(fact.outcome.status === 'succeeded' ? {} : { label: wholeLabel(labels) }) }];
  if (fact.outcome.status === 'succeeded') {
    events.push({ type: 'observation-recorded', callId: call.callId, content: fact.outcome.result, label: labels.label, fields: { ...labels.fields } });
  }
  events.push(...noteCompensation(call, fact.outcome));
  if (fact.outcome.status === 'in-doubt') {
    const approvalId = doubtIdOf(call.callId, (call.doubts ?? 0) + 1);
    events.push({
      type: 'approval-requested', approvalId, callId: call.callId, tool: call.tool, arguments: call.arguments, expiresAt: Number.MAX_SAFE_INTEGER,
      reasons: [`${fact.outcome.failure.message} Approve if the effect happened, reject if it did not.`],
    });
  }
  return commitOne(state, { kind: 'tool', id: fact.id }, at, events);
}

/** What sends the call again, where a person let that be done, the ledger has freed the operation and the run still wants it. */
function retried(state: LiveState, { callId, tool, resolved, undoes }: CallState, outcome: ToolOutcome): RunEvent | undefined {
  if (resolved?.resolution !== 'retry' || outcome.status !== 'failed' || outcome.failure.code !== MAY_BE_RETRIED) return undefined;
  if (state.winding !== undefined && undoes === undefined) return undefined;
  return { type: 'call-released', callId, tool, by: resolved.by, reason: 'The operation was in doubt and may be tried again.' };
}

/** What a person's answer to the approval of an operation in doubt amounts to, of which the ledger is not told. */
export function resolvedOutcome(happened: boolean, by: string): ToolOutcome {
  return happened
    ? { status: 'succeeded', result: { resolvedBy: by, happened: true }, replayed: false, attempts: [] }
    : { status: 'failed', attempts: [], failure: { code: 'tool.did-not-happen', message: `${by} found that the effect did not happen.`, retryable: true, remedy: 'Ask for the operation again if it is still wanted.' } };
}

