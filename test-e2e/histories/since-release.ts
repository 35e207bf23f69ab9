import type { Commit, RunEvent, RunEventType } from '@holdfast/contracts';
import { nothingFolded, withFolded, type RunState } from '@holdfast/run';

type Born = Exclude<RunState, { phase: 'unborn' }>;

/** Where this release decides otherwise than an earlier one, on purpose: by scenario and step. */
export interface Deviation {
  readonly decided: 'commit' | 'duplicate' | 'stale' | 'refused';
  readonly because: string;
}

export interface SinceRelease {
  /** The events that the release could write. What this one says beside them is no other decision. */
  readonly events?: readonly RunEventType[];
  readonly decisions?: Readonly<Record<string, Readonly<Record<number, Deviation>>>>;
  /** What that release could not say, taken away from events and state of this one before the two are compared. */
  readonly event?: (event: RunEvent) => RunEvent;
  readonly added?: readonly (keyof Born)[];
  /** That release's folded state in the form of this one. */
  readonly state?: (state: RunState, commits: readonly Commit[]) => RunState;
}

/** What has changed on purpose since each release; everything else must be decided and folded as it was then. */
export const sinceRelease: Readonly<Record<string, SinceRelease>> = {
  '0.1.0': {
    events: [
      'task-accepted', 'decision-made', 'policy-checked', 'tool-called', 'call-refused', 'approval-requested', 'approval-answered', 'tool-returned',
      'observation-recorded', 'timer-set', 'timer-fired', 'signal-received', 'run-paused', 'run-resumed', 'wind-down-begun', 'run-ended',
    ],
    decisions: {
      approved: { 5: { decided: 'duplicate', because: 'The timer of an approval goes with its answer; when it fires after all, there is nothing to record.' } },
      'cancelled-while-a-call-is-out': { 4: { decided: 'stale', because: 'A call that was refused when the run was cancelled is no longer asked about, so the answer changes nothing.' } },
    },
    event: (event) => {
      // Every signal was taken for the requester's word, and nothing said what the text of a failure is worth, what a run had read, nor which bundle allowed a call.
      if (event.type === 'signal-received') return { ...event, label: { ...event.label, trust: 'user' } };
      if (event.type === 'tool-called') return { ...event, policyDigest: undefined };
      if (event.type === 'tool-returned') return { ...event, label: undefined };
      return event.type === 'run-ended' ? { ...event, read: undefined } : event;
    },
    added: ['read', 'repeats'],
    state: (state, commits) => (state.phase === 'unborn' ? state : upcast010(state, commits)),
  },
};

/**
 * Release 0.1.0 kept answered approvals with their timers, the calls of ended runs, and one list of the last fact ids. It
 * counted no tokens; its histories hold nothing that could be undone, and none of them ends while a signal is unseen.
 */
function upcast010(state: Born, commits: readonly Commit[]): RunState {
  const hasEnded = state.phase === 'ended';
  const open = Object.entries(hasEnded ? {} : state.approvals).filter(([, approval]) => state.calls[approval.callId] !== undefined && state.calls[approval.callId]?.status !== 'settled');
  const timers = Object.entries(state.timers).filter(([id]) => id === 'deadline' || open.some(([approvalId]) => approvalId === id));
  const folded = commits.reduce((ids, commit) => withFolded(ids, commit.cause), nothingFolded);
  const approvals = open.map(([id, { approvalId, callId, expiresAt }]) => [id, { approvalId, callId, expiresAt }]);
  const models = commits.flatMap(({ events }) => events.flatMap((event) => (event.type === 'decision-made' ? [event.proposal.model] : [])));
  const tokens = models.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  return {
    ...state, folded, calls: hasEnded ? {} : state.calls, approvals: Object.fromEntries(approvals), timers: Object.fromEntries(timers),
    spent: { tokens, amount: 0 }, unseen: {}, undoable: [], undone: { done: [], failed: [] },
  };
}
