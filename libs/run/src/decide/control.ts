import type { Cause, FactOf, RunEvent } from '@holdfast/contracts';
import { isFolded } from '../state/folded.js';
import { callsWith, type LiveState, type RunState, type Winding } from '../state/state.js';
import { commitOne, duplicate, refused, stale, type Decision } from './decision.js';

/** People may stop, undo, halt and continue a run at any point. */
export function decideControl(state: RunState, fact: FactOf<'control'>, at: number): Decision {
  if (state.phase === 'unborn') return refused('run.unknown', 'the run does not exist');
  if (isFolded(state.folded, fact.id)) return duplicate;
  if (state.phase === 'ended') return stale('the run has ended');
  const cause: Cause = { kind: 'control', id: fact.id };
  const why = fact.reason === '' ? '' : `: ${fact.reason}`;
  switch (fact.action) {
    case 'cancel':
      if (state.winding !== undefined) return stale('the run is already being ended');
      return windDown(state, cause, at, [], { status: 'cancelled', reason: `${fact.by} cancelled the run${why}` });
    case 'abort':
      // A run that is already being ended may still be told to undo what it did.
      if (state.winding?.compensate === true) return stale('the run is already being aborted');
      return windDown(state, cause, at, [], { status: 'cancelled', reason: `${fact.by} aborted the run${why}`, compensate: true });
    case 'pause':
      return state.paused ? stale('the run is already paused') : commitOne(state, cause, at, [{ type: 'run-paused', by: fact.by, reason: fact.reason }]);
    case 'resume':
      return state.paused ? commitOne(state, cause, at, [{ type: 'run-resumed', by: fact.by }]) : stale('the run is not paused');
    default:
      return assertNever(fact.action);
  }
}

/** A commit after which the run is being ended. */
export function windDown(state: LiveState, cause: Cause, at: number, first: readonly RunEvent[], winding: Winding): Decision {
  return commitOne(state, cause, at, [...first, ...windingDown(state, winding)]);
}

/**
 * Nothing more is sent. What nobody has yet and what only waits is refused, runs that this one started are asked to end,
 * and the run ends when the rest is accounted for.
 */
export function windingDown(state: LiveState, winding: Winding): readonly RunEvent[] {
  const open = callsWith(state, 'undispatched', 'awaiting-approval', 'waiting', 'parked');
  return [{ type: 'wind-down-begun', ...winding }, ...open.map((call): RunEvent => {
    if (call.wait?.for === 'child') return { type: 'child-stop-asked', callId: call.callId, runId: call.wait.runId, action: winding.compensate === true ? 'abort' : 'cancel' };
    return { type: 'call-refused', callId: call.callId, tool: call.tool, reasons: [winding.reason] };
  })];
}

function assertNever(value: never): never {
  throw new TypeError(`unknown control ${String(value)}`);
}
