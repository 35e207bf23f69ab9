import { UNKNOWN_READING, UNJUDGED, type RunEventOf } from '@holdfast/contracts';
import type { Ended, RunState } from '../state/state.js';
import { nothing } from './begin.js';

/** What stands where something was erased. */
export const ERASED_TEXT = '[erased]';

/**
 * The run after a commit that cannot be read any more. It has ended, whatever it was doing: nobody can go on with it. When it began and the
 * facts that it has folded are known from outlines; all else is a sign.
 */
export function erasedRun(state: RunState, { dataSubject }: RunEventOf<'content-erased'>, at: number): Ended {
  const before = state.phase === 'unborn' ? { head: 0, folded: nothing.folded, asked: { at, label: { ...UNKNOWN_READING, source: ERASED_TEXT } } } : { head: state.head, folded: state.folded, ...(state.asked === undefined ? {} : { asked: state.asked }) };
  return {
    ...nothing, phase: 'ended', status: 'cancelled', reason: ERASED_TEXT, erased: true, ...before,
    task: { source: ERASED_TEXT, id: ERASED_TEXT, type: ERASED_TEXT, goal: ERASED_TEXT, input: {}, requester: ERASED_TEXT, dataSubject },
    agent: { name: ERASED_TEXT, digest: UNJUDGED }, budgets: { maxSteps: 1, deadlineSeconds: 1, approvalSeconds: 1 }, spent: { tokens: 0, amount: 0 }, undoable: [],
  };
}
