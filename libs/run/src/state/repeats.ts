import { DEFAULT_MAX_REPEATS, canonicalJson, type RunEventOf } from '@holdfast/contracts';
import { mark } from './mark.js';
import { ownMember, type Born } from './state.js';

/**
 * What a run has done lately, each step as one mark over its calls and what came of them. Steps with equal marks asked for the
 * same and got the same.
 */
export interface Repeats {
  /** Of the last steps, oldest first. */
  readonly steps: readonly string[];
  /** Of the calls of this step that are settled. */
  readonly calls: readonly string[];
}

/** So many steps that take turns are still found going in circles: A, B, C, D, A, B, C, D. */
export const LONGEST_CIRCLE = 4;

/** How often a run may go round before it is ended. */
export const maxRepeatsOf = ({ budgets: { maxRepeats = DEFAULT_MAX_REPEATS } }: Born): number => maxRepeats;

const NOTHING: Repeats = { steps: [], calls: [] };

/** A run's last steps, which repeat themselves every `period` steps. */
export interface Circle {
  readonly period: number;
  /** How often the same has been done in full, one time after the other. */
  readonly times: number;
  /** True for the very step with which it was done that often. */
  readonly isFull: boolean;
}

/**
 * A call has come to something. What a failure or a refusal says may differ from time to time where nothing else does, so its code,
 * or that it was refused, is all that counts. While a call waited, time has passed, and what is asked after that is asked anew.
 */
export function settledCall<S extends Born>(state: S, event: RunEventOf<'tool-returned' | 'call-refused'>): S {
  const call = ownMember(state.calls, event.callId);
  if (call === undefined || call.undoes !== undefined) return state;
  if (call.wait !== undefined && call.wait.for !== 'child') return somethingNew(state);
  const { steps, calls } = state.repeats ?? NOTHING;
  return { ...state, repeats: { steps, calls: [...calls, mark(canonicalJson([call.tool, call.arguments, ...cameTo(event)]))] } };
}

function cameTo(event: RunEventOf<'tool-returned' | 'call-refused'>): readonly unknown[] {
  if (event.type === 'call-refused') return ['refused'];
  const { outcome } = event;
  return outcome.status === 'succeeded' ? ['succeeded', outcome.result] : [outcome.status, outcome.failure.code];
}

/** All calls of a step are settled, in whatever order. */
export function settledStep<S extends Born>(state: S): S {
  const { steps, calls } = state.repeats ?? NOTHING;
  if (calls.length === 0) return state;
  const kept = LONGEST_CIRCLE * maxRepeatsOf(state);
  return { ...state, repeats: { steps: [...steps, mark(calls.toSorted().join(' '))].slice(-kept), calls: [] } };
}

/** Somebody told the run something, or it waited: what it does from here on is no repetition of what it did before. */
export function somethingNew<S extends Born>(state: S): S {
  return state.repeats === undefined ? state : { ...state, repeats: NOTHING };
}

/** The circle that has been gone round most often. */
export function circleOf({ repeats: { steps } = NOTHING }: Born): Circle {
  const circles = Array.from({ length: LONGEST_CIRCLE }, (_, index): Circle => {
    const period = index + 1;
    let same = 0;
    for (let at = steps.length - 1; at >= period && steps[at] === steps[at - period]; at -= 1) same += 1;
    const length = same + period;
    return { period, times: Math.floor(length / period), isFull: length % period === 0 };
  });
  return circles.reduce((most, circle) => (circle.times > most.times ? circle : most));
}
