import { decide, evolve, initialState, type CommitDraft, type Input, type RunState } from '@holdfast/run';
import { seal } from '@holdfast/event-log';
import type { Commit, RecordedCommit, RunKey } from '@holdfast/contracts';

/** One input of a run's life. With `crashAfter`, the process dies when that many of the decision's commits are in the log. */
export interface Step {
  readonly input: Input;
  readonly crashAfter?: number;
}

export interface Scenario {
  readonly name: string;
  /** What happens, in one sentence. */
  readonly says: string;
  readonly steps: readonly Step[];
}

/** What was decided on one input: the numbers of its commits, or why there are none. */
export interface RecordedStep extends Step {
  readonly decided: 'commit' | 'duplicate' | 'stale' | 'refused';
  /** The code of a refusal. */
  readonly code?: string;
  /** How many of the history's next commits this decision wrote. */
  readonly wrote?: number;
  /** What else it decided and a crash kept out of the log. */
  readonly unwritten?: readonly CommitDraft[];
}

/** A golden history: a run as one release lived it, kept for ever. */
export interface GoldenHistory {
  readonly release: string;
  readonly scenario: string;
  readonly says: string;
  readonly steps: readonly RecordedStep[];
  /** The commits as they stand in the log, sealed by that release. */
  readonly commits: readonly Commit[];
  /** The state after the last commit, as that release folded it. */
  readonly state: RunState;
}

const KEY: RunKey = { tenant: 'acme', runId: 'golden' };

/** Lives a scenario with the core as it is now. */
export function record(release: string, scenario: Scenario): GoldenHistory {
  const steps: RecordedStep[] = [];
  const recorded: RecordedCommit[] = [];
  let state: RunState = initialState;
  for (const step of scenario.steps) {
    const decision = decide(state, step.input);
    if (decision.kind !== 'commit') {
      steps.push({ ...step, decided: decision.kind, ...(decision.kind === 'refused' ? { code: decision.code } : {}) });
      continue;
    }
    const [written, unwritten] = [decision.drafts.slice(0, step.crashAfter), decision.drafts.slice(step.crashAfter ?? Infinity)];
    steps.push({ ...step, decided: 'commit', wrote: written.length, ...(unwritten.length === 0 ? {} : { unwritten }) });
    for (const draft of written) {
      const commit = seal(KEY, draft, recorded.at(-1));
      recorded.push({ commit, sequence: recorded.length + 1 });
      state = evolve(state, commit);
    }
  }
  // Through JSON, as everything that is kept: what is undefined here is absent in the file.
  return JSON.parse(JSON.stringify({ release, scenario: scenario.name, says: scenario.says, steps, commits: recorded.map(({ commit }) => commit), state })) as GoldenHistory;
}
