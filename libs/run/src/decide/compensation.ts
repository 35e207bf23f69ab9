import { hasActed, type Compensation, type RunEvent, type RunEventOf, type ToolOutcome } from '@holdfast/contracts';
import { undoingCallId } from '../names.js';
import type { CallState, LiveState } from '../state/state.js';

/**
 * Notes how a call that has just had its effect is undone, also where its result could not be kept. The arguments are made now, from what was asked and what came back,
 * so that nothing but the log is needed later. An outcome that the ledger replayed may be the effect of another run, and
 * undoing it is put to a person; so is one whose result is lost, which does not say whose effect it was.
 */
export function noteCompensation(call: CallState, outcome: ToolOutcome): readonly RunEventOf<'compensation-noted'>[] {
  if (call.compensate === undefined || !hasActed(outcome)) return [];
  const result = outcome.status === 'succeeded' ? outcome.result : undefined;
  const made = Object.entries(call.compensate.arguments).map(([name, source]) => [name, valueOf(source, call, result)] as const);
  return [{
    type: 'compensation-noted', callId: call.callId, tool: call.tool, by: call.compensate.tool, isShared: outcome.status !== 'succeeded' || outcome.replayed,
    arguments: Object.fromEntries(made.filter(([, value]) => value !== undefined)),
    missing: made.filter(([, value]) => value === undefined).map(([name]) => name),
  }];
}

function valueOf(source: Compensation['arguments'][string], call: CallState, result: unknown): unknown {
  if ('value' in source) return source.value;
  return 'argument' in source ? memberAt(call.arguments, source.argument) : memberAt(result, source.result);
}

function memberAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, part) => (typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part) ? (inner as Record<string, unknown>)[part] : undefined), value);
}

/**
 * What asks to undo the effect that was done last, for a run whose abort has nothing outstanding; undefined when nothing
 * is left to undo. The call is judged, permitted and sent like any other, and the next one is asked for when it is settled.
 */
export function nextUndoing(state: LiveState): readonly RunEvent[] | undefined {
  const last = state.winding?.compensate === true ? state.undoable.at(-1) : undefined;
  if (last === undefined) return undefined;
  const callId = undoingCallId(last.callId);
  const asked: RunEvent = { type: 'compensation-asked', callId, compensates: last.callId, tool: last.by, arguments: last.arguments, needsPerson: last.isShared };
  if (last.missing.length === 0) return [asked];
  return [asked, { type: 'call-refused', callId, tool: last.by, reasons: [`The arguments ${last.missing.join(', ')} could not be made from the call and its result.`] }];
}
