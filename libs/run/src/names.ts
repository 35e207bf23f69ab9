/**
 * Names inside a run. All are derived, so that whoever decides again arrives at the same ones, and a fact that names one
 * can be judged by its name alone.
 */

/** The id of a decision's n-th call. */
export function callIdOf(basis: number, index: number): string {
  return `c${basis}-${index + 1}`;
}

/** The call that undoes a call. */
export const undoingCallId = (callId: string): string => `undo-${callId}`;

/** The question whether a call may be made, the n-th of its kind, from 1; also the id of the timer that ends it. */
export const approvalIdOf = (callId: string, nth = 1): string => `a${nth === 1 ? '' : nth}-${callId}`;

/** The timer after which others may answer as well. */
export const escalationTimerOf = (approvalId: string): string => `e-${approvalId}`;

/** The question whether the effect of a call happened, the n-th of its kind, from 1. */
export const doubtIdOf = (callId: string, nth = 1): string => `doubt${nth === 1 ? '' : nth}-${callId}`;

/** True for the name of a question whether an effect happened, whichever of a call. */
export function isDoubtId(approvalId: string): boolean {
  return /^doubt\d*-/.test(approvalId);
}

/** The timer of a call that waits. */
export const waitTimerOf = (callId: string): string => `w-${callId}`;

/** The signal by which a person answers what a call asks. */
export const answerNameOf = (callId: string): string => `answer-${callId}`;

export const DEADLINE = 'deadline';

/** A call of the run that this one carries on with: its own calls have the same names, and one name is one call. */
export const originCallId = (callId: string): string => `o-${callId}`;

/** What an approval's name says of its call: the plan commit whose decision asked for it, or that it undoes another. */
export function callOfApproval(approvalId: string): { readonly basis: number } | 'undoing' | undefined {
  if (/^(?:a|doubt)\d*-undo-(?:o-)*c\d+-\d+$/.test(approvalId)) return 'undoing';
  const basis = /^(?:a|doubt)\d*-c(\d+)-\d+$/.exec(approvalId)?.[1];
  return basis === undefined ? undefined : { basis: Number(basis) };
}
