import type { Commit, RunEventType } from '@holdfast/contracts';
import type { RunState } from '@holdfast/run';

/** Where this release decides otherwise than an earlier one, on purpose: by scenario and step. */
export interface Deviation {
  readonly decided: 'commit' | 'duplicate' | 'stale' | 'refused';
  readonly because: string;
}

export interface SinceRelease {
  /** The events that the release could write. */
  readonly events?: readonly RunEventType[];
  readonly decisions?: Readonly<Record<string, Readonly<Record<number, Deviation>>>>;
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
  },
};
