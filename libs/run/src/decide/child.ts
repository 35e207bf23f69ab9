import { UNKNOWN_READING, writtenAfter, type FactOf, type Label, type RunEvent, type ToolOutcome } from '@holdfast/contracts';
import { OWN_LABEL } from '../labels.js';
import { isFolded } from '../state/folded.js';
import { ownMember, type RunState } from '../state/state.js';
import { commitOne, duplicate, stale, type Decision } from './decision.js';

/**
 * The end of a run that a call of this one started. Its answer was written by a model, and is worth no more than what that
 * model had read: it is as secret as the most secret of it, and an outsider's word if any of it was.
 */
export function decideChild(state: RunState, fact: FactOf<'child'>, at: number): Decision {
  if (state.phase === 'unborn') return stale('the run has not begun');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const call = ownMember(state.calls, fact.callId);
  if (call?.status !== 'waiting' || call.wait?.for !== 'child' || call.wait.runId !== fact.runId) return stale(`call ${fact.callId} does not wait for the run ${fact.runId}`);
  const outcome = outcomeOf(fact);
  // A start that was refused read nothing; its reason is the orchestrator's own.
  const read = fact.status === 'refused' ? OWN_LABEL : fact.read ?? UNKNOWN_READING;
  const label: Label = { ...writtenAfter(read), source: `run:${fact.runId}` };
  const events: RunEvent[] = [
    { type: 'child-ended', callId: call.callId, runId: fact.runId, status: fact.status, usage: fact.usage },
    { type: 'tool-returned', callId: call.callId, tool: call.tool, outcome, ...(outcome.status === 'succeeded' ? {} : { label }) },
  ];
  if (outcome.status === 'succeeded') events.push({ type: 'observation-recorded', callId: call.callId, content: outcome.result, label, fields: {} });
  return commitOne(state, { kind: 'child', id: fact.id }, at, events);
}

function outcomeOf({ runId, status, answer, reason }: FactOf<'child'>): ToolOutcome {
  if (status === 'completed') return { status: 'succeeded', result: { run: runId, answer: answer ?? '' }, replayed: false, attempts: [] };
  const message = status === 'refused' ? `The run could not be started: ${reason}` : `The run ${runId} ended as ${status}: ${reason}`;
  return { status: 'failed', attempts: [], failure: { code: `run.${status}`, message: message.slice(0, 4_000), retryable: false, remedy: 'Go on without its answer, or hand the work on in another way.' } };
}
