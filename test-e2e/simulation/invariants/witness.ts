import { HoldfastError, type Commit, type RecordedCommit, type RunKey } from '@holdfast/contracts';
import type { EventLog } from '@holdfast/event-log';
import { evolve, initialState, type RunState } from '@holdfast/run';
import type { Stored, Stream } from '../broker/stream.ts';
import type { Timeline } from '../time/timeline.ts';
import { BEGINNING } from '../time/timeline.ts';
import type { Effect } from '../world/system-of-record.ts';
import { judgeCommit } from './at-each-commit.ts';
import { judgeEffect } from './at-each-effect.ts';
import type { Violation } from './violation.ts';

/** A run as the broker's twin really holds it. */
export interface WitnessedRun {
  readonly key: RunKey;
  readonly history: RecordedCommit[];
  state: RunState;
}

/** An append that an orchestrator was told is in the log. */
export interface Acknowledged {
  readonly recorded: RecordedCommit;
}

/** A fact that its sender was told is in the log. */
export interface AnsweredFact {
  readonly key: RunKey;
  readonly id: string;
}

/** Sees what happens where it happens: at the broker, at the world's door, and in what the log tells its writers. */
export class Witness {
  readonly violations: Violation[] = [];
  readonly runs = new Map<string, WitnessedRun>();
  readonly acknowledged: Acknowledged[] = [];
  readonly answered: AnsweredFact[] = [];
  /** Runs of which a call was delivered that the log does not hold: what they were told of it is worth nothing. */
  readonly forged = new Set<string>();
  /** Told of each commit that is stored. */
  onCommit: (commit: Commit) => void = () => undefined;
  private readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  accuse(invariant: string, description: string): void {
    this.violations.push({ invariant, description: `${description} (${(this.timeline.now - BEGINNING).toFixed(1)} ms)` });
  }

  runOf(key: RunKey): WitnessedRun | undefined {
    return this.runs.get(key.runId);
  }

  see(stream: Stream, stored: Stored): void {
    if (!stream.declaration.name.startsWith('LOG-')) return;
    const commit = JSON.parse(Buffer.from(stored.data).toString('utf8')) as Commit;
    const key = { tenant: commit.tenant, runId: commit.runId };
    const run = this.runs.get(key.runId) ?? { key, history: [], state: initialState };
    this.runs.set(key.runId, run);
    for (const problem of judgeCommit(run.history, commit)) this.accuse(problem.invariant, problem.description);
    run.history.push({ commit, sequence: stored.sequence });
    try {
      run.state = evolve(run.state, commit);
    } catch (error) {
      this.accuse('a history can be folded', `commit ${commit.number} of ${commit.runId}: ${String(error)}`);
    }
    this.onCommit(commit);
  }

  seeEffect(effect: Effect): void {
    const history = this.runs.get(effect.runId)?.history ?? [];
    for (const problem of judgeEffect(history, effect)) this.accuse(problem.invariant, problem.description);
  }

  /** The same log, whose appends are remembered. */
  readonly watch = (log: EventLog): EventLog => {
    const append = log.append.bind(log);
    log.append = async (...given) => {
      const result = await append(...given);
      if (result.status === 'appended') this.acknowledged.push({ recorded: result.recorded });
      return result;
    };
    return log;
  };

  /** What a service fails with that is no error of Holdfast's is a bug. */
  seeUnexpected(error: unknown, place: string): void {
    if (!(error instanceof HoldfastError)) this.accuse('no service fails unexpectedly', `${place}: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  }
}
