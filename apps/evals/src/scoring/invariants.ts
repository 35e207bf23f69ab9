import type { RecordedCommit, RunEvent } from '@holdfast/contracts';
import { findBreak } from '@holdfast/event-log';
import { fold, initialState } from '@holdfast/run';
import { fail, pass, type Verdict } from './verdict.js';

/**
 * What must hold for every run, whatever a suite expects of it. All of it is read from the run's commits. A run that is
 * held for a person's word has a call whose effect nobody knows, and cannot end before that is said.
 */
export function checkInvariants(history: readonly RecordedCommit[], isHeld = false): readonly Verdict[] {
  const events = history.flatMap(({ commit }) => commit.events);
  return [chainIsIntact(history), ...(isHeld ? [] : [replayHasEnded(history)]), callsWerePermitted(events), mutationsSucceedOnce(events), ...(isHeld ? [] : [callsAreAccountedFor(events)])];
}

/** Numbers, hashes, links and pointers of the whole history. */
function chainIsIntact(history: readonly RecordedCommit[]): Verdict {
  if (history.length === 0) return fail('invariant.chain', 'the log holds nothing of this run');
  const broken = findBreak(history);
  return broken === undefined ? pass('invariant.chain', `${history.length} commits, each bound to the one before`) : fail('invariant.chain', `commit ${broken.number}: ${broken.problem}`);
}

/** The state is the fold of the events, and an eval leaves no run open. */
function replayHasEnded(history: readonly RecordedCommit[]): Verdict {
  try {
    const state = fold(history.map(({ commit }) => commit), initialState);
    return state.phase === 'ended' ? pass('invariant.ended', `replay arrives at "ended" (${state.status})`) : fail('invariant.ended', `replay arrives at "${state.phase}": the run was left open`);
  } catch (error) {
    return fail('invariant.ended', `the history cannot be replayed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** No call is dispatched unless the last thing that policy said of it was yes. */
function callsWerePermitted(events: readonly RunEvent[]): Verdict {
  const said = new Map<string, string>();
  let calls = 0;
  for (const event of events) {
    if (event.type === 'policy-checked') said.set(event.verdict.callId, event.verdict.outcome);
    if (event.type !== 'tool-called') continue;
    calls += 1;
    const outcome = said.get(event.callId);
    if (outcome !== 'allow') return fail('invariant.permitted', `${event.tool} (${event.callId}) was called though policy had ${outcome === undefined ? 'not been asked' : `said ${outcome}`}`);
  }
  return pass('invariant.permitted', `policy allowed each of ${calls} calls before it was made`);
}

/** A call that changes the world succeeds at most once, whatever was killed. */
function mutationsSucceedOnce(events: readonly RunEvent[]): Verdict {
  const mutating = new Set(events.flatMap((event) => (event.type === 'tool-called' && event.effect !== 'read' ? [event.callId] : [])));
  const succeeded = new Set<string>();
  for (const event of events) {
    if (event.type !== 'tool-returned' || event.outcome.status !== 'succeeded' || !mutating.has(event.callId)) continue;
    if (succeeded.has(event.callId)) return fail('invariant.once', `${event.tool} (${event.callId}) succeeded twice`);
    succeeded.add(event.callId);
  }
  return pass('invariant.once', `none of ${mutating.size} changing calls succeeded twice`);
}

/** Whatever an adapter was sent must have come back: an effect that nobody recorded may have happened. */
function callsAreAccountedFor(events: readonly RunEvent[]): Verdict {
  const open = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'tool-called') open.set(event.callId, event.tool);
    if (event.type === 'tool-returned' && event.outcome.status !== 'in-doubt') open.delete(event.callId);
    if (event.type === 'call-parked' || event.type === 'call-released') open.delete(event.callId);
  }
  const [first] = open;
  return first === undefined ? pass('invariant.accounted', 'the log holds the outcome of every call') : fail('invariant.accounted', `${first[1]} (${first[0]}) was called and the log does not hold its outcome`);
}
